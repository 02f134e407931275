// Choosing among the alerts of an incident: those of a kind at once or one by one, and found by their labels.
import { useState } from 'react'
import type { Alert } from '../../api/types'
import { Disclosure } from '../../ui/disclosure'
import { Tick } from '../../ui/field'
import { SearchInput } from '../../ui/search'
import { groupsOf, labelsOf, matches, tellingLabels, type AlertGroup } from './alerts'

interface Props {
  alerts: Alert[]
  chosen: ReadonlySet<string>
  onChoose: (ids: ReadonlySet<string>) => void
}

// So many are seen at a glance.
const FEW = 6
const AT_ONCE = 50

export function ChooseAlerts({ alerts, chosen, onChoose }: Props) {
  const [words, setWords] = useState('')
  const groups = groupsOf(alerts.filter((alert) => matches(alert, words)))
  const set = (ids: string[], on: boolean) => {
    const next = new Set(chosen)
    for (const id of ids) {
      if (on) next.add(id)
      else next.delete(id)
    }
    onChoose(next)
  }
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">Alerts</legend>
      {alerts.length > FEW && (
        <SearchInput
          aria-label="Find alerts"
          placeholder="Name, target or label"
          className="mb-2"
          value={words}
          onChange={({ target }) => setWords(target.value)}
          onKeyDown={(event) => {
            // It finds; it does not send.
            if (event.key === 'Enter') event.preventDefault()
          }}
        />
      )}
      {groups.length === 0 && <p className="text-sm text-soft">No alert has these words.</p>}
      <div className="-mx-2 max-h-80 overflow-y-auto px-2">
        {groups.map((group) => (
          <Group key={group.key} group={group} chosen={chosen} onSet={set} />
        ))}
      </div>
      {chosen.size > 0 && (
        <p role="status" className="mt-1 label tabular">
          {chosen.size} of {alerts.length} chosen
        </p>
      )}
    </fieldset>
  )
}

interface GroupProps {
  group: AlertGroup
  chosen: ReadonlySet<string>
  onSet: (ids: string[], on: boolean) => void
}

function Group({ group: { name, target, alerts }, chosen, onSet }: GroupProps) {
  const [open, setOpen] = useState(false)
  const ids = alerts.map(({ id }) => id)
  const [only] = alerts
  if (alerts.length === 1 && only) {
    return (
      <Tick
        label={name}
        hint={labelsOf(only)}
        checked={chosen.has(only.id)}
        onChange={(on) => onSet([only.id], on)}
      />
    )
  }
  const taken = ids.filter((id) => chosen.has(id)).length
  return (
    <div>
      <Tick
        label={`${name} ×${alerts.length}`}
        hint={taken > 0 && taken < ids.length ? `${target}; ${taken} of them chosen` : target}
        checked={taken === ids.length}
        onChange={(on) => onSet(ids, on)}
      />
      <Disclosure
        open={open}
        onToggle={setOpen}
        className="ml-6"
        summary={<span className="label">One by one</span>}
      >
        {open &&
          alerts
            .slice(0, AT_ONCE)
            .map((alert) => (
              <Tick
                key={alert.id}
                label={tellingLabels(alert, alerts) || alert.name}
                checked={chosen.has(alert.id)}
                onChange={(on) => onSet([alert.id], on)}
              />
            ))}
        {open && alerts.length > AT_ONCE && (
          <p className="label">{alerts.length - AT_ONCE} more; find them by their labels.</p>
        )}
      </Disclosure>
    </div>
  )
}
