// The alerts behind an incident, those of one name about one target as one line; each in full on request.
import { useState } from 'react'
import type { Alert } from '../../api/types'
import { Button } from '../../ui/button'
import { Snippet } from '../../ui/copy'
import { Disclosure } from '../../ui/disclosure'
import { Dot } from '../../ui/tag'
import { Moment } from '../../ui/when'
import { groupsOf, tellingLabels, type AlertGroup } from './alerts'

const GROUPS = 8
const AT_ONCE = 20

export function AlertGroups({ alerts }: { alerts: Alert[] }) {
  const [whole, setWhole] = useState(false)
  const groups = groupsOf(alerts)
  return (
    <div className="mb-4">
      {groups.slice(0, whole ? undefined : GROUPS).map((group) => (
        <Group key={group.key} group={group} />
      ))}
      {groups.length > GROUPS && !whole && (
        <Button look="ghost" size="sm" className="mt-1 -ml-2" onClick={() => setWhole(true)}>
          Show all {groups.length} kinds
        </Button>
      )}
    </div>
  )
}

function Group({ group }: { group: AlertGroup }) {
  const [open, setOpen] = useState(false)
  const [shown, setShown] = useState(AT_ONCE)
  const more = group.alerts.length - shown
  const only = group.alerts.length === 1 ? group.alerts[0] : undefined
  return (
    <Disclosure
      open={open}
      onToggle={setOpen}
      className="border-t border-line/60 first:border-t-0"
      summary={<Summary group={group} />}
    >
      {open && only && <Whole alert={only} />}
      {open && !only && (
        <ul>
          {group.alerts.slice(0, shown).map((alert) => (
            <Row key={alert.id} alert={alert} group={group.alerts} />
          ))}
        </ul>
      )}
      {more > 0 && (
        <Button look="ghost" size="sm" className="mt-2 -ml-2" onClick={() => setShown(shown + AT_ONCE)}>
          {more} more
        </Button>
      )}
    </Disclosure>
  )
}

const Summary = ({ group: { name, target, alerts, firing } }: { group: AlertGroup }) => (
  <span className="flex flex-wrap items-baseline gap-x-2.5 gap-y-0.5">
    <span className="font-medium wrap-anywhere">{name}</span>
    <span className="font-mono text-xs wrap-anywhere text-soft">{target}</span>
    {alerts.length > 1 && <span className="label tabular">×{alerts.length}</span>}
    <Dot tone={firing > 0 ? 'red' : 'green'} className="tabular">
      {firing === 0 ? 'recovered' : alerts.length === 1 ? 'firing' : `${firing} firing`}
    </Dot>
  </span>
)

interface RowProps {
  alert: Alert
  group: Alert[]
}

const Row = ({ alert, group }: RowProps) => (
  <li className="border-b border-line/60 last:border-b-0">
    <Disclosure
      summary={
        <span className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4 text-sm">
          <span className="font-mono text-xs wrap-anywhere">
            {tellingLabels(alert, group) || (alert.annotations.summary ?? alert.source)}
          </span>
          <span className={alert.status === 'firing' ? 'text-red' : 'text-green'}>{alert.status}</span>
        </span>
      }
    >
      <Whole alert={alert} />
    </Disclosure>
  </li>
)

const Whole = ({ alert }: { alert: Alert }) => (
  <>
    <p className="mb-1 label tabular">
      from <Moment at={alert.starts_at} />
      {alert.ends_at && (
        <>
          {' '}
          to <Moment at={alert.ends_at} />
        </>
      )}
      , received {alert.receipts === 1 ? 'once' : `${alert.receipts} times`}
    </p>
    <Snippet
      label={alert.source}
      text={JSON.stringify({ labels: alert.labels, annotations: alert.annotations }, null, 2)}
    />
  </>
)
