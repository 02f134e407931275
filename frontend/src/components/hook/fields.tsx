// The fields of a runbook hook.
import type { Risk } from '../../api/types'
import { Field, Input, Select, Textarea, Tick } from '../../ui/field'
import { RISK } from '../action/words'
import { Categories } from '../incident/categories'
import type { Draft } from './draft'
import { readHeaders, readSchema } from './schema'

interface Props {
  draft: Draft
  set: (change: Partial<Draft>) => void
}

interface HookFieldsProps extends Props {
  /** Headers it has stay when none are typed. */
  secretKept: boolean
}

export const HookFields = ({ draft, set, secretKept }: HookFieldsProps) => (
  <>
    <What draft={draft} set={set} />
    <Call draft={draft} set={set} secretKept={secretKept} />
    <Tick
      label="Safe to call twice"
      hint="After a crash it may then be called again. Otherwise its outcome counts as unknown and a person looks."
      checked={draft.idempotent}
      onChange={(idempotent) => set({ idempotent })}
    />
  </>
)

const What = ({ draft, set }: Props) => (
  <>
    <Field label="Name">
      {(control) => (
        <Input
          {...control}
          autoFocus
          maxLength={100}
          placeholder="restart-checkout"
          value={draft.name}
          onChange={({ target }) => set({ name: target.value })}
        />
      )}
    </Field>
    <Field label="What it does" hint="The investigator reads this to know when it helps.">
      {(control) => (
        <Textarea
          {...control}
          rows={2}
          maxLength={2000}
          value={draft.description}
          onChange={({ target }) => set({ description: target.value })}
        />
      )}
    </Field>
    <Categories label="Helps with" chosen={draft.categories} onChange={(categories) => set({ categories })} />
    <div className="grid gap-3 sm:grid-cols-2">
      <Field label="For target" hint="Empty: any.">
        {(control) => (
          <Input
            {...control}
            maxLength={500}
            className="font-mono"
            value={draft.target}
            onChange={({ target }) => set({ target: target.value })}
          />
        )}
      </Field>
      <Field label="Risk">
        {(control) => (
          <Select
            {...control}
            value={draft.risk}
            onChange={({ target }) => set({ risk: target.value as Risk })}
          >
            {(Object.keys(RISK) as Risk[]).map((risk) => (
              <option key={risk} value={risk}>
                {RISK[risk].label}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </div>
    <Field label="How to undo it">
      {(control) => (
        <Input
          {...control}
          maxLength={2000}
          value={draft.inverse}
          onChange={({ target }) => set({ inverse: target.value })}
        />
      )}
    </Field>
  </>
)

function Call({ draft, set, secretKept }: HookFieldsProps) {
  const schema = readSchema(draft.schema)
  return (
    <>
      <Field label="Address" hint="Called with POST. Everybody in the team can read it: no secrets here.">
        {(control) => (
          <Input
            {...control}
            type="url"
            maxLength={2000}
            className="font-mono"
            placeholder="https://runbooks.example.com/restart"
            value={draft.url}
            onChange={({ target }) => set({ url: target.value })}
          />
        )}
      </Field>
      <Field
        label="Headers"
        hint={
          secretKept
            ? 'Empty: those it has stay. Typing any replaces all of them.'
            : 'One per line, for example Authorization: Bearer … — kept secret, never shown again.'
        }
        error={readHeaders(draft.headers) ? null : 'A header is a line of the form Name: value.'}
      >
        {(control) => (
          <Textarea
            {...control}
            rows={2}
            className="font-mono text-xs!"
            value={draft.headers}
            onChange={({ target }) => set({ headers: target.value })}
          />
        )}
      </Field>
      <Field
        label="Arguments"
        hint="A JSON Schema; what is approved must fit it."
        error={typeof schema === 'string' ? schema : null}
      >
        {(control) => (
          <Textarea
            {...control}
            rows={5}
            className="font-mono text-xs!"
            value={draft.schema}
            onChange={({ target }) => set({ schema: target.value })}
          />
        )}
      </Field>
    </>
  )
}
