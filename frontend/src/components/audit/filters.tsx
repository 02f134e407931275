// What is looked for in an audit log.
import { useState } from 'react'
import { Button } from '../../ui/button'
import { Field, Input, Select } from '../../ui/field'
import { DAYS, readAuditSearch, type AuditSearch } from './filter'

interface Props {
  search: AuditSearch
  /** What the actions of this log look like. */
  example: string
  onSearch: (search: AuditSearch) => void
}

export function AuditFilters({ search, example, onSearch }: Props) {
  const [draft, setDraft] = useState(search)
  const box = (name: 'actor' | 'action' | 'q', label: string, placeholder: string) => (
    <Field label={label} className="min-w-0">
      {(control) => (
        <Input
          {...control}
          maxLength={100}
          placeholder={placeholder}
          value={draft[name] ?? ''}
          onChange={({ target }) => setDraft({ ...draft, [name]: target.value })}
        />
      )}
    </Field>
  )
  return (
    <form
      className="mb-4 grid grid-cols-2 items-end gap-3 md:grid-cols-[1fr_1fr_1fr_9rem_auto]"
      onSubmit={(event) => {
        event.preventDefault()
        onSearch(readAuditSearch({ ...draft }))
      }}
    >
      {box('actor', 'Who', 'Anybody')}
      {box('action', 'What', example)}
      {box('q', 'Named', 'Part of a name')}
      <Field label="When" className="min-w-0">
        {(control) => (
          <Select
            {...control}
            value={draft.days ?? ''}
            onChange={({ target }) =>
              setDraft(readAuditSearch({ ...draft, days: target.value ? Number(target.value) : undefined }))
            }
          >
            <option value="">any time</option>
            {Object.entries(DAYS).map(([days, label]) => (
              <option key={days} value={days}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Button type="submit" size="field" className="max-md:col-span-2">
        Show
      </Button>
    </form>
  )
}
