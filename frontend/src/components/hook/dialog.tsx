// Registering a runbook hook, or changing one: an address that repairs something when it is called.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { changeHook, createHook } from '../../api/commands'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { wording } from '../../api/problem'
import type { Hook, NewHook } from '../../api/types'
import { FormDialog } from '../../ui/form-dialog'
import { RISK } from '../action/words'
import { EMPTY, bodyOf, draftOf, patchOf } from './draft'
import { HookFields } from './fields'

interface Props {
  /** Absent: a new one. */
  hook?: Hook
  onClose: () => void
}

export function HookDialog({ hook, onClose }: Props) {
  const [draft, setDraft] = useState(hook ? draftOf(hook) : EMPTY)
  const api = useApi()
  const client = useQueryClient()
  const save = useMutation({
    mutationFn: (body: NewHook) =>
      hook ? changeHook(api, hook.id, patchOf(body, hook)) : createHook(api, body),
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: keys.hooks }),
  })
  const body = bodyOf(draft)
  return (
    <FormDialog
      wide
      title={hook ? `Change ${hook.name}` : 'Register a runbook hook'}
      says={
        hook
          ? 'A proposal that waits for approval with the old values can no longer run; it is proposed anew.'
          : `Nightdesk may propose it. It is called only after an approval, once. ${RISK[draft.risk].says}`
      }
      verb={hook ? 'Save' : 'Register'}
      busy={save.isPending}
      missing={typeof body === 'string' ? body : null}
      failed={save.error && { title: 'Not saved', says: wording(save.error) }}
      onSend={() => typeof body !== 'string' && save.mutate(body)}
      onClose={onClose}
    >
      <HookFields
        draft={draft}
        set={(change) => setDraft({ ...draft, ...change })}
        secretKept={hook !== undefined}
      />
    </FormDialog>
  )
}
