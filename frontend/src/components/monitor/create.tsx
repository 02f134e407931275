// Watching an HTTP address.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { createMonitor } from '../../api/commands'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { wording } from '../../api/problem'
import type { NewMonitor, Severity } from '../../api/types'
import { Banner } from '../../ui/banner'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field, Input, Select } from '../../ui/field'
import { SEVERITIES, SEVERITY } from '../incident/words'
import { readStatusSet } from './status-set'
import { INTERVALS } from './words'

interface Draft {
  name: string
  address: string
  interval: number
  severity: Severity
  expected: string
  keyword: string
}

const EMPTY: Draft = {
  name: '',
  address: '',
  interval: 60,
  severity: 'high',
  expected: '200-299',
  keyword: '',
}

const isAddress = (text: string) => /^https?:\/\/[^\s/]+/.test(text.trim())

function bodyOf(draft: Draft, expected: string[]): NewMonitor {
  return {
    name: draft.name.trim() || draft.address.trim(),
    type: 'http',
    address: draft.address.trim(),
    interval_seconds: draft.interval,
    severity: draft.severity,
    config: {
      method: 'GET',
      expected_status: expected,
      verify_tls: true,
      ...(draft.keyword ? { keyword: draft.keyword } : {}),
    },
  }
}

export function CreateMonitor({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState(EMPTY)
  const api = useApi()
  const client = useQueryClient()
  const create = useMutation({
    mutationFn: (body: NewMonitor) => createMonitor(api, body),
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: keys.monitors }),
  })
  const expected = readStatusSet(draft.expected)
  const missing = !isAddress(draft.address)
    ? 'Give an address that begins with http:// or https://.'
    : expected
      ? null
      : 'Statuses look like 200-299, 301.'
  return (
    <Dialog
      open
      onClose={onClose}
      title="Watch an address"
      says="It is checked from where Nightdesk runs. Two failures in a row open an incident."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            form="create-monitor"
            type="submit"
            busy={create.isPending}
            refused={missing}
          >
            Start watching
          </Button>
        </>
      }
    >
      <form
        id="create-monitor"
        className="flex flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          if (!missing && expected) create.mutate(bodyOf(draft, expected))
        }}
      >
        {create.error && (
          <Banner tone="red" urgent title="Not created">
            {wording(create.error)}
          </Banner>
        )}
        <Fields draft={draft} set={(change) => setDraft({ ...draft, ...change })} badSet={!expected} />
      </form>
    </Dialog>
  )
}

interface FieldsProps {
  draft: Draft
  set: (change: Partial<Draft>) => void
  badSet: boolean
}

const Fields = ({ draft, set, badSet }: FieldsProps) => (
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
            {INTERVALS.map(([seconds, label]) => (
              <option key={seconds} value={seconds}>
                {label}
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
