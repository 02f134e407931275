// Rejecting asks for the reason: it is the best hint for the next round, and for the post-mortem.
import { useState } from 'react'
import { reject } from '../../api/commands'
import type { Action } from '../../api/types'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field, Textarea } from '../../ui/field'
import { useToast } from '../../ui/toast'
import { Refused, isFinal } from './refused'
import { useDecide } from './use-decide'

const COMMON = ['The cause is a different one', 'Too risky right now', 'Fixed by hand already']

export function RejectDialog({ shown, onClose }: { shown: Action; onClose: () => void }) {
  const [reason, setReason] = useState('')
  const toast = useToast()
  const decide = useDecide(
    shown,
    (api) => reject(api, shown.id, shown.digest, reason.trim()),
    () => {
      toast({ tone: 'green', text: 'Rejected. Nothing was run.' })
      onClose()
    },
  )
  return (
    <Dialog
      open
      onClose={onClose}
      title="Reject the proposal?"
      says={`${shown.title} on ${shown.target} is not run. The incident stays open.`}
      footer={
        <>
          <Button size="lg" onClick={onClose}>
            Cancel
          </Button>
          <Button
            look="danger"
            size="lg"
            busy={decide.isPending}
            refused={
              reason.trim() ? (isFinal(decide.error) ? 'It has been decided.' : null) : 'Say why first.'
            }
            onClick={() => decide.mutate()}
          >
            Reject
          </Button>
        </>
      }
    >
      <div className="mb-3 flex flex-wrap gap-1.5">
        {COMMON.map((text) => (
          <Button key={text} size="sm" onClick={() => setReason(text)}>
            {text}
          </Button>
        ))}
      </div>
      <Field label="Reason" hint="Goes into the timeline and to the investigator.">
        {(control) => (
          <Textarea
            {...control}
            rows={3}
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
