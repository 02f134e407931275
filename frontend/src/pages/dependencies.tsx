// What needs what: declared by people and compose files, or seen by investigations.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ArrowRight, Plus, X } from 'lucide-react'
import { useState } from 'react'
import { useApi } from '../api/context'
import { declareDependency, dependenciesQuery, forgetDependency } from '../api/correlation'
import { keys } from '../api/keys'
import { wording } from '../api/problem'
import type { Dependency } from '../api/types'
import { DeclareDependency } from '../components/dependency/declare'
import { needsOf, type Needs } from '../components/dependency/needs'
import { RowSkeletons } from '../components/incident/row'
import { Loading } from '../components/loading'
import { PageHead } from '../components/page'
import { useMay } from '../components/permission'
import { useTitle } from '../components/shell/title'
import { Button } from '../ui/button'
import { Empty } from '../ui/empty'
import { focusMarked, useHotkeys } from '../ui/hotkeys'
import { SearchInput } from '../ui/search'
import { SureButton } from '../ui/sure'
import { Chip } from '../ui/tag'
import { useToast } from '../ui/toast'
import { Ago } from '../ui/when'

const FEW = 8

export default function DependenciesPage() {
  const asked = useQuery(dependenciesQuery(useApi()))
  const { data } = asked
  const [declaring, setDeclaring] = useState(false)
  const [words, setWords] = useState('')
  const may = useMay('incident.write')
  useTitle('Dependencies')
  useHotkeys({ '/': () => focusMarked('/') })
  const found = needsOf(data ?? [], words)
  const names = [...new Set((data ?? []).flatMap(({ target, depends_on }) => [target, depends_on]))]
  return (
    <div className="max-w-4xl">
      <PageHead
        title="Dependencies"
        says="What needs what. When something and what it needs are in trouble at once, their alerts become one incident."
        action={
          may.allowed && (
            <Button look="primary" refused={may.refused} onClick={() => setDeclaring(true)}>
              <Plus aria-hidden className="size-4" />
              Declare one
            </Button>
          )
        }
      />
      <Loading query={asked} what="dependencies">
        <RowSkeletons rows={5} />
      </Loading>
      {data?.length === 0 && (
        <Empty title="No dependency is known">
          Declare one, or let Compose do it: where the labels of an alert carry a container&apos;s{' '}
          <code className="font-mono">depends_on</code>, it is declared by itself. What an investigation finds
          out of reach is added as seen.
        </Empty>
      )}
      {data && data.length > FEW && (
        <SearchInput
          aria-label="Find dependencies"
          placeholder="Name of either"
          data-hotkey="/"
          className="mb-3 sm:max-w-80"
          value={words}
          onChange={({ target }) => setWords(target.value)}
        />
      )}
      {data && data.length > 0 && found.length === 0 && <Empty title="No dependency has this name" />}
      {found.length > 0 && (
        <ul className="border-t">
          {found.map((needs) => (
            <Target key={needs.target} needs={needs} />
          ))}
        </ul>
      )}
      {declaring && <DeclareDependency names={names} onClose={() => setDeclaring(false)} />}
    </div>
  )
}

const Target = ({ needs: { target, needs } }: { needs: Needs }) => (
  <li className="grid gap-x-6 gap-y-1 border-b py-2.5 last:border-b-0 md:grid-cols-[minmax(0,14rem)_minmax(0,1fr)]">
    <span className="font-mono text-sm font-medium wrap-anywhere md:pt-1">{target}</span>
    <ul>
      {needs.map((dependency) => (
        <Need key={dependency.depends_on} dependency={dependency} />
      ))}
    </ul>
  </li>
)

function Need({ dependency }: { dependency: Dependency }) {
  const { depends_on, origin, incident_id, created_by, created_at } = dependency
  const may = useMay('incident.write')
  const forget = useChange(forgetDependency)
  const declare = useChange(declareDependency)
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-1">
      <span className="flex min-w-0 flex-wrap items-baseline gap-x-2.5">
        <ArrowRight aria-label="needs" className="size-3.5 shrink-0 self-center text-faint" />
        <span className="font-mono text-sm wrap-anywhere">{depends_on}</span>
        <Chip tone={origin === 'seen' ? 'accent' : 'quiet'}>{origin}</Chip>
        <span className="label">
          {created_by && `by ${created_by} `}
          <Ago at={created_at} />
          {incident_id && (
            <>
              {' in '}
              <Link
                to="/incidents/$incidentId"
                params={{ incidentId: incident_id }}
                className="text-accent underline underline-offset-2"
              >
                this incident
              </Link>
            </>
          )}
        </span>
      </span>
      {may.allowed && (
        <span className="flex gap-1.5">
          {origin === 'seen' && (
            <Button
              size="sm"
              refused={may.refused}
              busy={declare.isPending}
              title="It is so: keep it as declared"
              onClick={() => declare.mutate(dependency)}
            >
              Confirm
            </Button>
          )}
          <SureButton
            refused={may.refused}
            sure={origin === 'seen' ? 'It may be seen again' : 'Their alerts part'}
            busy={forget.isPending}
            icon={<X aria-hidden className="size-3.5" />}
            onSure={() => forget.mutate(dependency)}
          >
            Remove
          </SureButton>
        </span>
      )}
    </li>
  )
}

function useChange(change: typeof forgetDependency | typeof declareDependency) {
  const api = useApi()
  const client = useQueryClient()
  const toast = useToast()
  return useMutation({
    mutationFn: ({ target, depends_on }: Dependency): Promise<unknown> => change(api, { target, depends_on }),
    onError: (error) => toast({ tone: 'red', text: wording(error) }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.dependencies }),
  })
}
