// What was not touched is not lost, and what is empty is not sent.
import { expect, it } from 'vitest'
import type { Runbook } from '../../api/types'
import { EMPTY, bodyOf, draftOf, missingOf } from './draft'

const runbook: Runbook = {
  id: 'runbook-1',
  slug: 'pool-full',
  title: 'The pool is full',
  categories: ['connection_exhaustion'],
  targets: ['orders-*', 'db'],
  actions: ['docker.restart_container'],
  excerpt: '',
  builtin: false,
  version: 3,
  path: null,
  updated_at: null,
  updated_by: null,
  body_md: '# Look\n\nFirst.',
}

it('comes back as it was read', () => {
  expect(bodyOf(draftOf(runbook))).toEqual({
    title: 'The pool is full',
    categories: ['connection_exhaustion'],
    targets: ['orders-*', 'db'],
    actions: ['docker.restart_container'],
    body_md: '# Look\n\nFirst.',
  })
})

it('names each target once', () => {
  expect(bodyOf({ ...EMPTY, targets: ' a \n\nb\na\n' }).targets).toEqual(['a', 'b'])
})

it('needs a title and a text', () => {
  expect(missingOf(EMPTY)).toContain('title')
  expect(missingOf({ ...EMPTY, title: 'x', body: ' \n' })).toContain('Write')
  expect(missingOf({ ...EMPTY, title: 'x', body: 'y' })).toBeNull()
})
