// Opening an incident by hand.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { openIncident } from '../../api/commands'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { wording } from '../../api/problem'
import type { NewIncident, Severity } from '../../api/types'
import { Banner } from '../../ui/banner'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field, Input, Select, Textarea } from '../../ui/field'
import { SEVERITIES, SEVERITY } from './words'

type Runtime = NonNullable<NewIncident['container_runtime']>

const RUNTIMES: Record<Runtime, string> = { docker: 'Docker', podman: 'Podman', kubernetes: 'Kubernetes' }

interface Draft {
  title: string
  target: string
  severity: Severity
  runtime: Runtime | ''
  description: string
}

const EMPTY: Draft = { title: '', target: '', severity: 'high', runtime: '', description: '' }

const bodyOf = ({ title, target, severity, runtime, description }: Draft): NewIncident => ({
  title: title.trim(),
  target: target.trim(),
  severity,
  description: description.trim() || null,
  source_type: runtime ? 'container' : 'manual',
  container_runtime: runtime || null,
})

export function CreateIncident({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState(EMPTY)
  const create = useCreate()
  const missing = !draft.title.trim() ? 'Give it a title.' : !draft.target.trim() ? 'Name the target.' : null
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change })
  return (
    <Dialog
      open
      onClose={onClose}
      title="Open an incident"
      says="An investigation starts at once. Nothing is changed anywhere without an approval."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            form="create-incident"
            type="submit"
            busy={create.isPending}
            refused={missing}
          >
            Open and investigate
          </Button>
        </>
      }
    >
      <form
        id="create-incident"
        className="flex flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          if (!missing && !create.isPending) create.mutate(bodyOf(draft))
        }}
      >
        {create.error && (
          <Banner tone="red" urgent title="Not opened">
            {wording(create.error)}
          </Banner>
        )}
        <Fields draft={draft} set={set} />
      </form>
    </Dialog>
  )
}

function Fields({ draft, set }: { draft: Draft; set: (change: Partial<Draft>) => void }) {
  return (
    <>
      <Field label="What is wrong">
        {(control) => (
          <Input
            {...control}
            autoFocus
            maxLength={300}
            value={draft.title}
            placeholder="Checkout answers with errors"
            onChange={({ target }) => set({ title: target.value })}
          />
        )}
      </Field>
      <Field label="Target" hint="The container, service or host as its runtime names it.">
        {(control) => (
          <Input
            {...control}
            maxLength={255}
            value={draft.target}
            className="font-mono"
            autoCapitalize="off"
            spellCheck={false}
            onChange={({ target }) => set({ target: target.value })}
          />
        )}
      </Field>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Severity">
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
        <Field label="Runs on">
          {(control) => (
            <Select
              {...control}
              value={draft.runtime}
              onChange={({ target }) => set({ runtime: target.value as Runtime | '' })}
            >
              <option value="">Not a container</option>
              {Object.entries(RUNTIMES).map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <Field label="What you saw" hint="Optional. The investigator reads it, too.">
        {(control) => (
          <Textarea
            {...control}
            rows={3}
            maxLength={10_000}
            value={draft.description}
            onChange={({ target }) => set({ description: target.value })}
          />
        )}
      </Field>
    </>
  )
}

function useCreate() {
  const api = useApi()
  const client = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: (body: NewIncident) => openIncident(api, body),
    onSuccess: async (incident) => {
      client.setQueryData(keys.detail(incident.id), incident)
      await navigate({ to: '/incidents/$incidentId', params: { incidentId: incident.id } })
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.incidents }),
  })
}
