// The top of the incident page: which incident, in which state, and what a person may do with it.
import { Link } from '@tanstack/react-router'
import { ChevronLeft } from 'lucide-react'
import type { IncidentDetail } from '../../api/types'
import { useSecond } from '../../ui/now'
import { elapsed } from '../../ui/time'
import { Ago } from '../../ui/when'
import { SeverityMark, StatusMark } from './marks'
import { Verbs } from './verbs'

export const BackToList = () => (
  <Link
    to="/incidents"
    className="-ml-1 inline-flex items-center gap-0.5 rounded text-sm text-faint hover:text-ink pointer-coarse:min-h-11"
  >
    <ChevronLeft aria-hidden className="size-4" />
    Incidents
  </Link>
)

export function Header({ incident }: { incident: IncidentDetail }) {
  return (
    <header className="pb-4">
      <div className="mb-2 flex min-h-8 flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <BackToList />
        <Verbs incident={incident} />
      </div>
      <h1 className="text-lg font-semibold tracking-tight wrap-anywhere">
        <span className="mr-2 font-normal text-faint tabular">#{incident.number}</span>
        {incident.title}
      </h1>
      <div className="mt-1.5 flex flex-wrap items-center gap-x-4 gap-y-1 text-sm text-soft">
        <StatusMark status={incident.status} merged={incident.merged_into !== null} />
        <SeverityMark severity={incident.severity} labelled />
        <span className="font-mono text-xs wrap-anywhere">{incident.target}</span>
        <Firing incident={incident} />
        {incident.occurrences > 1 && <span className="tabular">seen {incident.occurrences} times</span>}
        {incident.acknowledged_by && <span>taken on by {incident.acknowledged_by}</span>}
      </div>
    </header>
  )
}

function Firing({ incident }: { incident: IncidentDetail }) {
  const now = useSecond()
  const started = Date.parse(incident.started_at)
  if (incident.resolved_at) {
    return (
      <span className="tabular">
        lasted {elapsed(Date.parse(incident.resolved_at) - started)}, ended <Ago at={incident.resolved_at} />
      </span>
    )
  }
  const since = elapsed(now - started)
  return (
    <span className="tabular">
      {incident.firing ? `firing for ${since}` : `no longer firing, began ${since} ago`}
    </span>
  )
}
