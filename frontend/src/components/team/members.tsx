// Who is in the team, with which role.
import { useQuery } from '@tanstack/react-query'
import { changeRole, removeMember, transferTeam } from '../../api/commands'
import { useApi } from '../../api/context'
import { meQuery, membersQuery } from '../../api/queries'
import type { Member, Role } from '../../api/types'
import { Select } from '../../ui/field'
import { Section } from '../../ui/section'
import { SkeletonLines } from '../../ui/skeleton'
import { SureButton } from '../../ui/sure'
import { Ago } from '../../ui/when'
import { Loading } from '../loading'
import { useMay } from '../permission'
import { useRun } from './run'
import { ROLES, roleLabel } from './words'

export function Members() {
  const asked = useQuery(membersQuery(useApi()))
  const { data } = asked
  return (
    <Section title="Members" aside={data && `${data.length}`} tight>
      <Loading query={asked} what="members" small>
        <SkeletonLines lines={3} />
      </Loading>
      <ul>
        {data?.map((member) => (
          <Row key={member.user_id} member={member} />
        ))}
      </ul>
    </Section>
  )
}

function Row({ member }: { member: Member }) {
  const api = useApi()
  const { data: me } = useQuery(meQuery(api))
  const mayWrite = useMay('member.write').allowed
  const mayTransfer = useMay('team.transfer').allowed
  const run = useRun()
  const self = me?.user.id === member.user_id
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b py-2.5 last:border-b-0">
      <div className="min-w-0 flex-1 basis-52">
        <p className="truncate font-medium">
          {member.name || member.email}
          {self && <span className="ml-2 label">you</span>}
        </p>
        <p className="truncate label">
          {member.email} · joined <Ago at={member.joined_at} />
        </p>
      </div>
      {mayWrite && !self && member.role !== 'owner' ? (
        <>
          <RoleChoice
            value={member.role}
            label={`Role of ${member.name || member.email}`}
            onChange={(role) => run.mutate(() => changeRole(api, member.user_id, role))}
          />
          {mayTransfer && (
            <SureButton
              sure="They own the team, you become an admin"
              onSure={() => run.mutate(() => transferTeam(api, member.user_id))}
            >
              Make owner
            </SureButton>
          )}
          <SureButton
            sure="Remove, and revoke their keys"
            onSure={() => run.mutate(() => removeMember(api, member.user_id))}
          >
            Remove
          </SureButton>
        </>
      ) : (
        <span className="text-soft">{roleLabel(member.role)}</span>
      )}
    </li>
  )
}

interface RoleChoiceProps {
  value: Role
  label: string
  onChange: (role: Exclude<Role, 'owner'>) => void
}

const GIVEN = ROLES.filter((role) => role !== 'owner')

export const RoleChoice = ({ value, label, onChange }: RoleChoiceProps) => (
  <Select
    aria-label={label}
    className="w-32"
    value={value}
    onChange={({ target }) => onChange(target.value as Exclude<Role, 'owner'>)}
  >
    {GIVEN.map((role) => (
      <option key={role} value={role}>
        {roleLabel(role)}
      </option>
    ))}
  </Select>
)
