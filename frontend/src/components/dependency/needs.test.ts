// What a target needs stands together, and is found from either end.
import { expect, it } from 'vitest'
import type { Dependency } from '../../api/types'
import { needsOf } from './needs'

const dependency = (target: string, depends_on: string): Dependency => ({
  target,
  depends_on,
  origin: 'declared',
  incident_id: null,
  created_by: 'mara',
  created_at: '2026-11-21T03:00:00Z',
})

const ALL = [
  dependency('shop/web', 'shop/db'),
  dependency('shop/web', 'cache'),
  dependency('blog', 'shop/db'),
]
const read = (words: string) => needsOf(ALL, words).map(({ target, needs }) => [target, needs.length])

it('puts the needs of a target together', () =>
  expect(read('')).toEqual([
    ['shop/web', 2],
    ['blog', 1],
  ]))

it('finds who needs something, and what somebody needs', () => {
  expect(read(' SHOP/DB ')).toEqual([
    ['shop/web', 1],
    ['blog', 1],
  ])
  expect(read('blog')).toEqual([['blog', 1]])
})
