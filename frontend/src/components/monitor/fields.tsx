// The fields of a monitor.
import type { Severity } from '../../api/types'
import { Field, Input, Select } from '../../ui/field'
import { SEVERITIES, SEVERITY } from '../incident/words'
import type { Draft } from './draft'
import { INTERVALS, every } from './words'

/** The usual ones, and the one it has. */
const intervals = (own: number): number[] =>
  INTERVALS.includes(own) ? INTERVALS : [...INTERVALS, own].sort((a, b) => a - b)

interface Props {
  draft: Draft
  set: (change: Partial<Draft>) => void
  badSet: boolean
}

export const MonitorFields = ({ draft, set, badSet }: Props) => (
  <>
    <Field label="Address">
      {(control) => (
        <Input
          {...control}
          autoFocus
          type="url"
          maxLength={2048}
          placeholder="https://shop.example.com/health"
          className="font-mono"
          value={draft.address}
          onChange={({ target }) => set({ address: target.value })}
        />
      )}
    </Field>
    <Field label="Name" hint="Optional; the address otherwise.">
      {(control) => (
        <Input
          {...control}
          maxLength={200}
          value={draft.name}
          onChange={({ target }) => set({ name: target.value })}
        />
      )}
    </Field>
    <div className="grid grid-cols-2 gap-3">
      <Field label="Checked">
        {(control) => (
          <Select
            {...control}
            value={draft.interval}
            onChange={({ target }) => set({ interval: Number(target.value) })}
          >
            {intervals(draft.interval).map((seconds) => (
              <option key={seconds} value={seconds}>
                {every(seconds)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Severity when down">
        {(control) => (
          <Select
            {...control}
            value={draft.severity}
            onChange={({ target }) => set({ severity: target.value as Severity })}
          >
            {SEVERITIES.map((severity) => (
              <option key={severity} value={severity}>
                {SEVERITY[severity].label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field
        label="Good statuses"
        hint="Ranges and single ones."
        error={badSet ? 'Statuses look like 200-299, 301.' : null}
      >
        {(control) => (
          <Input
            {...control}
            className="font-mono"
            value={draft.expected}
            onChange={({ target }) => set({ expected: target.value })}
          />
        )}
      </Field>
      <Field label="Must contain" hint="Optional text in the body.">
        {(control) => (
          <Input
            {...control}
            value={draft.keyword}
            onChange={({ target }) => set({ keyword: target.value })}
          />
        )}
      </Field>
    </div>
  </>
)
