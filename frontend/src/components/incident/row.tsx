// One incident in the list: severity, title and finding, target, state, age.
import { Link } from '@tanstack/react-router'
import type { Incident } from '../../api/types'
import { cx } from '../../ui/cx'
import { Skeleton } from '../../ui/skeleton'
import { Dot } from '../../ui/tag'
import { TONE } from '../../ui/tone'
import { Ago } from '../../ui/when'
import { inShort } from './gist'
import { SeverityMark, StatusMark } from './marks'
import { isCalm } from './order'
import { STATUS, VERDICT, categoryLabel } from './words'

const GRID =
  'grid grid-cols-[1.25rem_1fr_auto] gap-x-3 gap-y-0.5 px-2 py-2.5 md:grid-cols-[1.25rem_3.25rem_minmax(0,1fr)_minmax(0,12rem)_9.5rem_6.5rem] md:items-baseline'

export function IncidentLink({ incident }: { incident: Incident }) {
  return (
    <Link
      to="/incidents/$incidentId"
      params={{ incidentId: incident.id }}
      data-row
      className={`${GRID} -mx-2 rounded-md hover:bg-hover focus-visible:bg-hover`}
    >
      <SeverityMark severity={incident.severity} />
      <span className="hidden text-faint tabular md:block">#{incident.number}</span>
      <span className="min-w-0">
        <span className="flex items-baseline gap-2">
          <span
            className={cx(
              isCalm(incident) ? 'text-soft' : 'font-medium',
              'wrap-anywhere max-md:line-clamp-2 md:truncate',
            )}
          >
            {incident.title}
          </span>
          {incident.occurrences > 1 && (
            <span className="shrink-0 label tabular">×{incident.occurrences}</span>
          )}
        </span>
        <Finding incident={incident} />
      </span>
      <span className="row-start-2 hidden min-w-0 truncate font-mono text-xs text-soft md:row-auto md:block">
        {incident.target}
      </span>
      <span className="col-span-2 col-start-2 row-start-2 flex min-w-0 items-baseline gap-x-3 text-sm md:col-auto md:row-auto">
        <Standing incident={incident} />
        <span className="min-w-0 truncate text-xs text-faint md:hidden">
          <span className="tabular">#{incident.number}</span>{' '}
          <span className="font-mono">{incident.target}</span>
        </span>
      </span>
      <Ago at={incident.started_at} className="text-right label whitespace-nowrap tabular" />
    </Link>
  )
}

/** Whether it waits for somebody says more than how far it has come. */
function Standing({ incident }: { incident: Incident }) {
  const waits = incident.needs_person !== null && !STATUS[incident.status].closed
  if (!waits) return <StatusMark status={incident.status} merged={incident.merged_into !== null} />
  return (
    <span title={incident.needs_person ?? undefined}>
      <Dot tone="amber">Needs a person</Dot>
    </span>
  )
}

/** What is wrong, as shortly as it can be said. */
function Finding({ incident }: { incident: Incident }) {
  const cause = incident.root_cause && inShort(incident.root_cause)
  const found = cause ?? (incident.incident_type ? categoryLabel(incident.incident_type) : null)
  const calm = incident.verdict && incident.verdict !== 'incident' ? VERDICT[incident.verdict] : null
  if (!found && !calm) return null
  return (
    <span className="block text-soft max-md:line-clamp-2 md:truncate">
      {calm && <span className={TONE[calm.tone].text}>{calm.label}</span>}
      {calm && cause && ': '}
      {calm ? cause : found}
    </span>
  )
}

export const RowSkeletons = ({ rows }: { rows: number }) => (
  <ul aria-label="Loading">
    {Array.from({ length: rows }, (_, n) => (
      <li key={n} className="flex items-center gap-4 border-b py-2.5 last:border-b-0">
        <Skeleton className="size-3" />
        <span className="flex-1">
          <Skeleton className="h-4 w-2/5" />
          <Skeleton className="mt-1.5 h-4 w-3/5" />
        </span>
        <Skeleton className="hidden h-4 w-24 md:block" />
        <Skeleton className="h-4 w-16" />
      </li>
    ))}
  </ul>
)
