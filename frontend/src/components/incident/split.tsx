// Some of the alerts are another trouble: they get an incident of their own.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '../../api/context'
import { splitIncident } from '../../api/correlation'
import { wording } from '../../api/problem'
import type { Alert, IncidentDetail } from '../../api/types'
import { Field, Input } from '../../ui/field'
import { FormDialog } from '../../ui/form-dialog'
import { ChooseAlerts } from './choose-alerts'

interface Props {
  incident: IncidentDetail
  alerts: Alert[]
  /** With the id of the new incident. */
  onDone: (id: string) => void
  onClose: () => void
}

const MOST = 500

function missingOf(chosen: number, all: number, hasMonitor: boolean): string | null {
  if (chosen === 0) return 'Choose what is another trouble.'
  if (chosen === all && !hasMonitor) return 'Something has to stay.'
  return chosen > MOST ? `At most ${MOST} at once.` : null
}

export function SplitDialog({ incident, alerts, onDone, onClose }: Props) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [reason, setReason] = useState('')
  const api = useApi()
  const client = useQueryClient()
  const split = useMutation({
    mutationFn: () => splitIncident(api, incident.id, [...chosen], reason.trim()),
    onSuccess: ({ id }) => onDone(id),
    onSettled: () => client.invalidateQueries(),
  })
  return (
    <FormDialog
      title={`Split #${incident.number}?`}
      says="What you choose gets an incident and an investigation of its own, or goes to the open one that has its trouble."
      verb={chosen.size > 1 ? `Split off ${chosen.size}` : 'Split off'}
      busy={split.isPending}
      missing={missingOf(chosen.size, alerts.length, incident.monitor_id !== null)}
      failed={split.error && { title: 'Not split', says: wording(split.error) }}
      onSend={() => split.mutate()}
      onClose={onClose}
    >
      <ChooseAlerts alerts={alerts} chosen={chosen} onChoose={setChosen} />
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
