// What is typed about a runbook hook, and what is sent for it.
import type { Category, Hook, HookPatch, NewHook, Risk } from '../../api/types'
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

export const EMPTY: Draft = {
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

/** Headers never come back from the server: the field begins empty. */
export const draftOf = (hook: Hook): Draft => ({
  name: hook.name,
  description: hook.description,
  url: hook.url,
  target: hook.target ?? '',
  risk: hook.risk,
  inverse: hook.inverse,
  headers: '',
  schema: JSON.stringify(hook.params_schema, null, 2),
  idempotent: hook.idempotent,
  categories: hook.categories as Category[],
})

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

/** Without headers typed anew, those it has stay; the method stays, too. */
export function patchOf(body: NewHook, hook: Hook): HookPatch {
  const { headers = {}, ...rest } = { ...body, method: hook.method }
  return Object.keys(headers).length > 0 ? { ...rest, headers } : rest
}
