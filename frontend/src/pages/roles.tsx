// What each role may do: the table the server decides by.
import { useQuery } from '@tanstack/react-query'
import { Check } from 'lucide-react'
import { useApi } from '../api/context'
import { permissionsQuery } from '../api/queries'
import type { Permissions } from '../api/types'
import { Loading } from '../components/loading'
import { PageHead } from '../components/page'
import { roleLabel } from '../components/team/words'
import { useTitle } from '../components/shell/title'
import { SkeletonLines } from '../ui/skeleton'

export default function RolesPage() {
  const asked = useQuery(permissionsQuery(useApi()))
  const { data } = asked
  useTitle('Roles')
  return (
    <>
      <PageHead
        title="Roles"
        says="Everybody has one role in each of their teams. The server decides by this table."
      />
      <Loading query={asked} what="roles">
        <SkeletonLines lines={12} />
      </Loading>
      {data && (
        <>
          <dl className="mb-6 grid gap-x-6 gap-y-2 sm:grid-cols-[7rem_1fr]">
            {data.roles.map((role) => (
              <div key={role.name} className="contents">
                <dt className="font-medium">{roleLabel(role.name)}</dt>
                <dd className="text-soft max-sm:mb-2">{role.description}.</dd>
              </div>
            ))}
          </dl>
          <Table permissions={data} />
        </>
      )}
    </>
  )
}

const Table = ({ permissions: { permissions, roles } }: { permissions: Permissions }) => (
  <div className="relative overflow-x-auto" tabIndex={0} role="region" aria-label="Permissions by role">
    <table className="w-full min-w-[34rem] text-left">
      <thead>
        <tr className="border-b label">
          <th className="py-2 pr-4 font-normal">May</th>
          {roles.map((role) => (
            <th key={role.name} scope="col" className="w-24 py-2 text-center font-normal">
              {roleLabel(role.name)}
            </th>
          ))}
          <th scope="col" className="w-24 py-2 text-center font-normal">
            API key
          </th>
        </tr>
      </thead>
      <tbody>
        {permissions
          .filter(({ name }) => !/^(platform|abuse)\./.test(name))
          .map((permission) => (
            <tr key={permission.name} className="border-b last:border-b-0">
              <th scope="row" className="py-2 pr-4 font-normal">
                {permission.description}
                <span className="block font-mono label">{permission.name}</span>
              </th>
              {roles.map((role) => (
                <Cell key={role.name} yes={role.permissions.includes(permission.name)} />
              ))}
              <Cell yes={permission.grantable} />
            </tr>
          ))}
      </tbody>
    </table>
  </div>
)

const Cell = ({ yes }: { yes: boolean }) => (
  <td className="py-2 text-center">
    {yes ? (
      <Check aria-hidden className="mx-auto size-4 text-green" />
    ) : (
      <span className="text-faint">–</span>
    )}
    <span className="sr-only">{yes ? 'yes' : 'no'}</span>
  </td>
)
