// What is counted to the incident and why; and a person's word on it: this is another trouble, or the same as that one.
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useApi } from '../../api/context'
import { joinsQuery } from '../../api/correlation'
import type { Alert, IncidentDetail, Join } from '../../api/types'
import { Button } from '../../ui/button'
import { Section } from '../../ui/section'
import { SkeletonLines } from '../../ui/skeleton'
import { Chip } from '../../ui/tag'
import { Moment } from '../../ui/when'
import { AlertGroups } from './alert-groups'
import { distinct } from './alerts'
import { joinGroups, type JoinGroup } from './joins'
import { Loading } from '../loading'
import { useMay } from '../permission'
import { MergeDialog } from './merge'
import { SplitDialog } from './split'
import { STATUS } from './words'

interface Props {
  incident: IncidentDetail
  /** Every firing. */
  firings: Alert[]
}

const KIND: Record<Join['kind'], string> = {
  same_target: 'same target',
  same_owner: 'same owner',
  same_host: 'same host',
  dependency: 'dependency',
  same_deploy: 'same deploy',
  person: 'by hand',
}

const REASONS = 8

export function Belongs({ incident, firings }: Props) {
  const alerts = distinct(firings)
  const asked = useQuery(joinsQuery(useApi(), incident.id))
  const { data: joins } = asked
  const [asking, setAsking] = useState<'split' | 'merge' | null>(null)
  const may = useMay('incident.write')
  const navigate = useNavigate()
  const close = () => setAsking(null)
  const go = (id: string) => {
    close()
    void navigate({ to: '/incidents/$incidentId', params: { incidentId: id } })
  }
  const dialog = { onDone: go, onClose: close }
  // What its monitor opened goes on without any alert.
  const fewest = incident.monitor_id === null ? 2 : 1
  const open = !STATUS[incident.status].closed
  if (!open && !joins?.length && alerts.length === 0) return null
  return (
    <Section title="What belongs to it" aside={alerts.length > 1 && `${alerts.length} alerts`} tight>
      <Loading query={asked} what="reasons" small>
        <SkeletonLines lines={1} className="mb-3" />
      </Loading>
      {alerts.length > 0 && <AlertGroups alerts={alerts} />}
      {joins && joins.length > 0 && <Joins groups={joinGroups(joins)} />}
      {joins?.length === 0 && (
        <p className="mb-3 text-sm text-soft">Nothing else was counted to this trouble.</p>
      )}
      {open && may.allowed && (
        <div className="flex flex-wrap gap-2">
          <Button
            size="sm"
            refused={may.refused ?? (alerts.length < fewest ? 'There is nothing to split off.' : null)}
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

function Joins({ groups }: { groups: JoinGroup[] }) {
  const [whole, setWhole] = useState(false)
  return (
    <div className="mb-3">
      <p className="mb-1.5 label">Why it was counted to this</p>
      <ul className="flex flex-col gap-2">
        {groups.slice(0, whole ? undefined : REASONS).map(({ kind, reason, count, first_at }) => (
          <li key={`${kind} ${reason}`} className="flex flex-wrap items-baseline gap-x-2.5 text-sm">
            <Chip>{KIND[kind]}</Chip>
            <span className="min-w-0 wrap-anywhere">{reason}</span>
            {count > 1 && <span className="label tabular">×{count}</span>}
            <Moment at={first_at} className="label tabular" />
          </li>
        ))}
      </ul>
      {groups.length > REASONS && !whole && (
        <Button look="ghost" size="sm" className="mt-1 -ml-2" onClick={() => setWhole(true)}>
          Show all {groups.length} reasons
        </Button>
      )}
    </div>
  )
}
