// What is counted to the incident and why; and a person's word on it: this is another trouble, or the same as that one.
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useApi } from '../../api/context'
import { joinsQuery } from '../../api/queries'
import type { Alert, IncidentDetail, Join } from '../../api/types'
import { Button } from '../../ui/button'
import { Section } from '../../ui/section'
import { Chip } from '../../ui/tag'
import { Moment } from '../../ui/when'
import { LoadError } from '../page'
import { useMay } from '../permission'
import { MergeDialog } from './merge'
import { SplitDialog } from './split'
import { STATUS } from './words'

interface Props {
  incident: IncidentDetail
  alerts: Alert[]
}

const KIND: Record<Join['kind'], string> = {
  same_target: 'same target',
  same_owner: 'same owner',
  same_host: 'same host',
  dependency: 'dependency',
  same_deploy: 'same deploy',
  person: 'by hand',
}

export function Belongs({ incident, alerts }: Props) {
  const { data: joins, error, refetch } = useQuery(joinsQuery(useApi(), incident.id))
  const [asking, setAsking] = useState<'split' | 'merge' | null>(null)
  const may = useMay('incident.write')
  const navigate = useNavigate()
  const close = () => setAsking(null)
  const go = (id: string) => {
    close()
    void navigate({ to: '/incidents/$incidentId', params: { incidentId: id } })
  }
  const dialog = { onDone: go, onClose: close }
  const open = !STATUS[incident.status].closed
  if (!open && !joins?.length) return null
  return (
    <Section title="What belongs to it" aside={alerts.length > 1 && `${alerts.length} alerts`}>
      {error && <LoadError error={error} retry={() => void refetch()} stale={joins !== undefined} />}
      {joins?.length === 0 && (
        <p className="mb-3 text-sm text-soft">Nothing else was counted to this trouble.</p>
      )}
      <ul className="mb-3 flex flex-col gap-2 empty:hidden">
        {joins?.map((join) => (
          <li key={join.fingerprint} className="text-sm">
            <p className="flex flex-wrap items-baseline gap-x-2.5">
              <Chip>{KIND[join.kind]}</Chip>
              <span className="min-w-0 wrap-anywhere">{join.reason}</span>
              <Moment at={join.joined_at} className="label tabular" />
            </p>
          </li>
        ))}
      </ul>
      {open && may.allowed && (
        <div className="flex flex-wrap gap-2">
          <Button
            size="sm"
            refused={may.refused ?? (alerts.length < 2 ? 'There is one alert only.' : null)}
            onClick={() => setAsking('split')}
          >
            Split off…
          </Button>
          <Button size="sm" refused={may.refused} onClick={() => setAsking('merge')}>
            Merge into another…
          </Button>
        </div>
      )}
      {asking === 'split' && <SplitDialog incident={incident} alerts={alerts} {...dialog} />}
      {asking === 'merge' && <MergeDialog incident={incident} {...dialog} />}
    </Section>
  )
}
