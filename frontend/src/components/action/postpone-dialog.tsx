// Postponing: the proposal stays, and nobody is reminded of it before the chosen time.
import { useState } from 'react'
import { postpone } from '../../api/commands'
import type { Action } from '../../api/types'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field, Input, Select } from '../../ui/field'
import { useNow } from '../../ui/now'
import { useTimes } from '../../ui/times'
import { useToast } from '../../ui/toast'
import { Refused, isFinal } from './refused'
import { postponements } from './postponements'
import { useDecide } from './use-decide'

export function PostponeDialog({ shown, onClose }: { shown: Action; onClose: () => void }) {
  const now = useNow()
  const { moment, zone } = useTimes()
  const [choice, setChoice] = useState(0)
  const [reason, setReason] = useState('')
  const toast = useToast()
  const options = postponements(now, zone)
  const until = (options[choice] ?? options[0]).until
  const decide = useDecide(
    shown,
    (api) => postpone(api, shown.id, shown.digest, until, reason.trim()),
    () => {
      toast({ tone: 'green', text: `Postponed until ${moment(until, now)}.` })
      onClose()
    },
  )
  return (
    <Dialog
      open
      onClose={onClose}
      title="Postpone the decision?"
      says={`${shown.title} on ${shown.target} is not run and can still be approved.`}
      footer={
        <>
          <Button size="lg" onClick={onClose}>
            Cancel
          </Button>
          <Button
            look="primary"
            size="lg"
            busy={decide.isPending}
            refused={isFinal(decide.error) ? 'It has been decided.' : null}
            onClick={() => decide.mutate()}
          >
            Postpone
          </Button>
        </>
      }
    >
      <Field label="Until" hint={moment(until, now)}>
        {(control) => (
          <Select {...control} value={choice} onChange={(event) => setChoice(Number(event.target.value))}>
            {options.map((option, n) => (
              <option key={option.label} value={n}>
                {option.label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Reason" hint="Optional; it goes into the timeline." className="mt-3">
        {(control) => (
          <Input
            {...control}
            value={reason}
            maxLength={2000}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
      {decide.error && <Refused error={decide.error} />}
    </Dialog>
  )
}
