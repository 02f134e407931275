// One runbook: read it, change it, or take one that comes with Nightdesk as a start for the team's own.
import { useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { ChevronLeft, Pencil, Trash2 } from 'lucide-react'
import { Suspense, lazy, useState } from 'react'
import { deleteRunbook } from '../api/commands'
import { useApi } from '../api/context'
import { runbookQuery } from '../api/queries'
import type { Runbook } from '../api/types'
import { categoryLabel } from '../components/incident/words'
import { Loading } from '../components/loading'
import { PageHead } from '../components/page'
import { useMay } from '../components/permission'
import { RunbookEditor } from '../components/runbook/editor'
import { useTitle } from '../components/shell/title'
import { useRun } from '../components/team/run'
import { Button } from '../ui/button'
import { Facts, type Fact } from '../ui/section'
import { SkeletonLines } from '../ui/skeleton'
import { SureButton } from '../ui/sure'
import { Moment } from '../ui/when'

const Document = lazy(() => import('../ui/markdown').then(({ Document }) => ({ default: Document })))

const route = getRouteApi('/app/runbooks/$runbookId')

export default function RunbookPage() {
  const { runbookId } = route.useParams()
  const navigate = route.useNavigate()
  const asked = useQuery(runbookQuery(useApi(), runbookId))
  const { data } = asked
  const [editing, setEditing] = useState(false)
  useTitle(data?.title ?? 'Runbook')
  return (
    <div className="max-w-3xl">
      <Link
        to="/runbooks"
        className="mb-2 -ml-1 inline-flex items-center gap-0.5 rounded text-sm text-faint hover:text-ink pointer-coarse:min-h-11"
      >
        <ChevronLeft aria-hidden className="size-4" />
        Runbooks
      </Link>
      <Loading query={asked} what="runbook">
        <SkeletonLines lines={10} />
      </Loading>
      {data && editing && (
        <>
          <PageHead title={data.builtin ? 'Your own version' : 'Change the runbook'} />
          <RunbookEditor
            runbook={data}
            onSaved={({ id }) => {
              setEditing(false)
              void navigate({ to: '/runbooks/$runbookId', params: { runbookId: id } })
            }}
            onClose={() => setEditing(false)}
          />
        </>
      )}
      {data && !editing && <Read runbook={data} onEdit={() => setEditing(true)} />}
    </div>
  )
}

function Read({ runbook, onEdit }: { runbook: Runbook; onEdit: () => void }) {
  const facts: (Fact | null)[] = [
    { name: 'For', value: runbook.categories.map(categoryLabel).join(', ') || 'anything' },
    runbook.targets.length > 0
      ? { name: 'Targets', value: <span className="font-mono text-xs">{runbook.targets.join(', ')}</span> }
      : null,
    runbook.path ? { name: 'From', value: <span className="font-mono text-xs">{runbook.path}</span> } : null,
    runbook.updated_at
      ? {
          name: 'Changed',
          value: (
            <>
              <Moment at={runbook.updated_at} className="tabular" />
              {runbook.updated_by && ` by ${runbook.updated_by}`}, version {runbook.version}
            </>
          ),
        }
      : null,
  ]
  return (
    <>
      <PageHead
        title={runbook.title}
        says={runbook.builtin ? 'It comes with Nightdesk.' : undefined}
        action={<Commands runbook={runbook} onEdit={onEdit} />}
      />
      <Facts facts={facts.filter((fact) => fact !== null)} />
      <div className="mt-5 border-t pt-5">
        <Suspense fallback={<SkeletonLines lines={10} />}>
          <Document text={runbook.body_md} />
        </Suspense>
      </div>
    </>
  )
}

function Commands({ runbook, onEdit }: { runbook: Runbook; onEdit: () => void }) {
  const api = useApi()
  const navigate = route.useNavigate()
  const run = useRun()
  const may = useMay('runbook.write')
  const remove = () =>
    run.mutate(async () => {
      await deleteRunbook(api, runbook.id)
      await navigate({ to: '/runbooks' })
    })
  return (
    <div className="flex flex-wrap gap-2">
      <Button size="sm" refused={may.refused} onClick={onEdit}>
        <Pencil aria-hidden className="size-3.5" />
        {runbook.builtin ? 'Make it your own' : 'Change'}
      </Button>
      {!runbook.builtin && (
        <SureButton
          refused={may.refused}
          sure="It is gone for everybody"
          busy={run.isPending}
          icon={<Trash2 aria-hidden className="size-3.5" />}
          onSure={remove}
        >
          Remove
        </SureButton>
      )}
    </div>
  )
}
