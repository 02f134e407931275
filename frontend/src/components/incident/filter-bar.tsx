// Filters of the incident list. Each change is an address that can be shared.
import { useEffect, useState } from 'react'
import type { Severity } from '../../api/types'
import { Select } from '../../ui/field'
import { SearchInput } from '../../ui/search'
import type { IncidentSearch, StatusChoice } from './filter'
import { SEVERITIES, SEVERITY, STATUS, STATUSES } from './words'

const TYPING_PAUSE_MS = 250

interface Props {
  search: IncidentSearch
  onChange: (change: Partial<Record<'status' | 'severity' | 'q', string | undefined>>) => void
}

export function FilterBar({ search, onChange }: Props) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchBox value={search.q ?? ''} onChange={(q) => onChange({ q: q || undefined })} />
      <Select
        aria-label="Status"
        value={search.status ?? 'open'}
        onChange={({ target }) => onChange({ status: target.value === 'open' ? undefined : target.value })}
        className="flex-1 sm:flex-none"
      >
        <StatusOptions />
      </Select>
      <Select
        aria-label="Severity"
        value={search.severity ?? ''}
        onChange={({ target }) => onChange({ severity: target.value || undefined })}
        className="flex-1 sm:flex-none"
      >
        <option value="">Any severity</option>
        {SEVERITIES.map((severity: Severity) => (
          <option key={severity} value={severity}>
            {SEVERITY[severity].label}
          </option>
        ))}
      </Select>
    </div>
  )
}

const GROUP_LABEL: Record<Extract<StatusChoice, 'open' | 'closed' | 'all'>, string> = {
  open: 'Open',
  closed: 'Closed',
  all: 'Any status',
}

const StatusOptions = () => (
  <>
    {Object.entries(GROUP_LABEL).map(([value, label]) => (
      <option key={value} value={value}>
        {label}
      </option>
    ))}
    <optgroup label="Only">
      {STATUSES.map((status) => (
        <option key={status} value={status}>
          {STATUS[status].label}
        </option>
      ))}
    </optgroup>
  </>
)

function SearchBox({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value)
  const [known, setKnown] = useState(value)
  // The address changed by other means (back button, a link).
  if (value !== known) {
    setKnown(value)
    setText(value)
  }
  useEffect(() => {
    if (text === value) return
    const timer = setTimeout(() => onChange(text), TYPING_PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text, value, onChange])
  return (
    <SearchInput
      aria-label="Search incidents"
      placeholder="Title, target or cause"
      data-hotkey="/"
      className="basis-full sm:max-w-80 sm:flex-1 sm:basis-auto"
      value={text}
      onChange={({ target }) => setText(target.value)}
    />
  )
}
