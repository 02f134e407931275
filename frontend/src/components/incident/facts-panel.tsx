// The incident as the systems reported it.
import type { IncidentDetail } from '../../api/types'
import { Facts, Section, type Fact } from '../../ui/section'
import { useTimes } from '../../ui/times'
import { Moment } from '../../ui/when'
import { STATUS } from './words'

const mono = (value: string) => <span className="font-mono text-xs">{value}</span>

/** What is over was heard of last when it ended: nothing is known of it since. */
function reported({ firing, status }: IncidentDetail): string {
  if (!firing) return 'recovered'
  return STATUS[status].closed ? 'last reported firing' : 'still firing'
}

export function FactsPanel({ incident }: { incident: IncidentDetail }) {
  const { zone } = useTimes()
  const facts: (Fact | null)[] = [
    { name: 'Target', value: mono(incident.target) },
    { name: 'Source', value: incident.container_runtime ?? incident.source_type },
    incident.server_name ? { name: 'Server', value: mono(incident.server_name) } : null,
    incident.namespace ? { name: 'Namespace', value: mono(incident.namespace) } : null,
    { name: 'Began', value: <Moment at={incident.started_at} className="tabular" /> },
    { name: 'Last seen', value: <Moment at={incident.last_seen_at} className="tabular" /> },
    { name: 'Reported', value: reported(incident) },
    incident.approved_by ? { name: 'Approved by', value: incident.approved_by } : null,
    incident.executed_at
      ? { name: 'Executed', value: <Moment at={incident.executed_at} className="tabular" /> }
      : null,
  ]
  return (
    <Section title="Facts" aside={zone === 'UTC' ? 'times in UTC' : `times in ${zone}; quotes keep theirs`}>
      <Facts narrow facts={facts.filter((fact) => fact !== null)} />
    </Section>
  )
}
