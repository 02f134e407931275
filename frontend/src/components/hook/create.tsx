// Registering a runbook hook: an address that repairs something when it is called.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { createHook } from '../../api/commands'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { wording } from '../../api/problem'
import type { Category, NewHook, Risk } from '../../api/types'
import { Banner } from '../../ui/banner'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { RISK } from '../action/words'
import { HookFields } from './fields'
import { EMPTY_SCHEMA, readHeaders, readSchema } from './schema'

export interface Draft {
  name: string
  description: string
  url: string
  target: string
  risk: Risk
  inverse: string
  headers: string
  schema: string
  idempotent: boolean
  categories: Category[]
}

const EMPTY: Draft = {
  name: '',
  description: '',
  url: '',
  target: '',
  risk: 'medium',
  inverse: '',
  headers: '',
  schema: EMPTY_SCHEMA,
  idempotent: false,
  categories: [],
}

/** What would be sent, or the first thing that is missing. */
export function bodyOf(draft: Draft): NewHook | string {
  const schema = readSchema(draft.schema)
  const headers = readHeaders(draft.headers)
  if (!draft.name.trim()) return 'Give it a name.'
  if (!/^https?:\/\/[^\s/]+/.test(draft.url.trim()))
    return 'Give an address that begins with http:// or https://.'
  if (draft.categories.length === 0) return 'Choose what it helps with.'
  if (!headers) return 'A header is a line of the form Name: value.'
  if (typeof schema === 'string') return schema
  return {
    name: draft.name.trim(),
    description: draft.description.trim(),
    url: draft.url.trim(),
    method: 'POST',
    target: draft.target.trim() || null,
    risk: draft.risk,
    inverse: draft.inverse.trim(),
    idempotent: draft.idempotent,
    categories: draft.categories,
    params_schema: schema,
    headers,
  }
}

export function CreateHook({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState(EMPTY)
  const api = useApi()
  const client = useQueryClient()
  const create = useMutation({
    mutationFn: (body: NewHook) => createHook(api, body),
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: keys.hooks }),
  })
  const body = bodyOf(draft)
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title="Register a runbook hook"
      says={`Nightdesk may propose it. It is called only after an approval, once. ${RISK[draft.risk].says}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            form="create-hook"
            type="submit"
            busy={create.isPending}
            refused={typeof body === 'string' ? body : null}
          >
            Register
          </Button>
        </>
      }
    >
      <form
        id="create-hook"
        className="flex flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          if (typeof body !== 'string' && !create.isPending) create.mutate(body)
        }}
      >
        {create.error && (
          <Banner tone="red" urgent title="Not registered">
            {wording(create.error)}
          </Banner>
        )}
        <HookFields draft={draft} set={(change) => setDraft({ ...draft, ...change })} />
      </form>
    </Dialog>
  )
}
