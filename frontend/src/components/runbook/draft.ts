// A runbook while it is written. What is not edited here is kept as it was.
import type { Category, NewRunbook, Runbook } from '../../api/types'
import { isCategory } from '../incident/words'

export interface Draft {
  title: string
  categories: Category[]
  /** One name or pattern on each line. */
  targets: string
  body: string
  actions: string[]
}

export const EMPTY: Draft = { title: '', categories: [], targets: '', body: '', actions: [] }

export const draftOf = (runbook: Runbook): Draft => ({
  title: runbook.title,
  categories: runbook.categories.filter(isCategory),
  targets: runbook.targets.join('\n'),
  body: runbook.body_md,
  actions: runbook.actions,
})

export const bodyOf = (draft: Draft): Omit<NewRunbook, 'slug'> => ({
  title: draft.title.trim(),
  categories: draft.categories,
  targets: [...new Set(draft.targets.split('\n').map((line) => line.trim()))].filter(Boolean),
  actions: draft.actions,
  body_md: draft.body,
})

export const missingOf = ({ title, body }: Draft): string | null => {
  if (!title.trim()) return 'Give it a title.'
  return body.trim() ? null : 'Write what to do.'
}
