// Some of the alerts are another trouble: they get an incident of their own.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { splitIncident } from '../../api/commands'
import { useApi } from '../../api/context'
import { wording } from '../../api/problem'
import type { Alert, IncidentDetail } from '../../api/types'
import { Field, Input, Tick } from '../../ui/field'
import { FormDialog } from '../../ui/form-dialog'

interface Props {
  incident: IncidentDetail
  alerts: Alert[]
  /** With the id of the new incident. */
  onDone: (id: string) => void
  onClose: () => void
}

const missingOf = (chosen: number, all: number): string | null => {
  if (chosen === 0) return 'Choose what is another trouble.'
  return chosen === all ? 'Something has to stay.' : null
}

export function SplitDialog({ incident, alerts, onDone, onClose }: Props) {
  const [chosen, setChosen] = useState<string[]>([])
  const [reason, setReason] = useState('')
  const api = useApi()
  const client = useQueryClient()
  const split = useMutation({
    mutationFn: () => splitIncident(api, incident.id, chosen, reason.trim()),
    onSuccess: ({ id }) => onDone(id),
    onSettled: () => client.invalidateQueries(),
  })
  return (
    <FormDialog
      title={`Split #${incident.number}?`}
      says="What you choose gets an incident and an investigation of its own."
      verb="Split off"
      busy={split.isPending}
      missing={missingOf(chosen.length, alerts.length)}
      failed={split.error && { title: 'Not split', says: wording(split.error) }}
      onSend={() => split.mutate()}
      onClose={onClose}
    >
      <fieldset>
        <legend className="mb-1 text-sm font-medium">Alerts</legend>
        {alerts.map((alert) => (
          <Tick
            key={alert.id}
            label={alert.name}
            hint={Object.entries(alert.labels)
              .filter(([name]) => name !== 'alertname')
              .map(([name, value]) => `${name}=${value}`)
              .join(', ')}
            checked={chosen.includes(alert.id)}
            onChange={(on) => setChosen(on ? [...chosen, alert.id] : chosen.filter((id) => id !== alert.id))}
          />
        ))}
      </fieldset>
      <Reason value={reason} onChange={setReason} />
    </FormDialog>
  )
}

interface ReasonProps {
  value: string
  onChange: (value: string) => void
}

export const Reason = ({ value, onChange }: ReasonProps) => (
  <Field label="Reason" hint="Optional; it goes into both timelines." className="mt-2">
    {(control) => (
      <Input {...control} maxLength={2000} value={value} onChange={({ target }) => onChange(target.value)} />
    )}
  </Field>
)
