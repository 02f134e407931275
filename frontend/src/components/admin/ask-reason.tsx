// A dialog for what is done to other people's things: it takes a reason, which both sides can read afterwards.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { wording } from '../../api/problem'
import { Field, Textarea } from '../../ui/field'
import { FormDialog } from '../../ui/form-dialog'

interface Props<T> {
  title: string
  says: ReactNode
  verb: string
  hint: string
  danger?: boolean
  /** Fewer characters say nothing. */
  shortest?: number
  run: (reason: string) => Promise<T>
  onDone: (answer: T) => void
  onClose: () => void
}

export function AskReason<T>({
  title,
  says,
  verb,
  hint,
  danger,
  shortest = 1,
  run,
  onDone,
  onClose,
}: Props<T>) {
  const [reason, setReason] = useState('')
  const client = useQueryClient()
  const send = useMutation({
    mutationFn: () => run(reason.trim()),
    onSuccess: onDone,
    onSettled: () => client.invalidateQueries({ queryKey: ['admin'] }),
  })
  return (
    <FormDialog
      title={title}
      says={says}
      verb={verb}
      {...(danger ? { danger } : {})}
      busy={send.isPending}
      missing={reason.trim().length >= shortest ? null : 'Give a reason that somebody else understands.'}
      failed={send.error && { title: 'Not done', says: wording(send.error) }}
      onSend={() => send.mutate()}
      onClose={onClose}
    >
      <Field label="Reason" hint={hint}>
        {(control) => (
          <Textarea
            {...control}
            autoFocus
            rows={2}
            maxLength={500}
            value={reason}
            onChange={({ target }) => setReason(target.value)}
          />
        )}
      </Field>
    </FormDialog>
  )
}
