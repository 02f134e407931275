// A storm of joins is read by its reasons.
import { expect, it } from 'vitest'
import type { Join } from '../../api/types'
import { joinGroups } from './joins'

const join = (fingerprint: string, reason: string, minute: string): Join => ({
  fingerprint,
  kind: 'same_target',
  reason,
  joined_at: `2026-11-21T03:${minute}:00Z`,
})

it('counts what came for one reason, from when it began', () => {
  expect(joinGroups([join('a', 'web', '01'), join('b', 'db', '02'), join('c', 'web', '03')])).toEqual([
    { kind: 'same_target', reason: 'web', count: 2, first_at: '2026-11-21T03:01:00Z' },
    { kind: 'same_target', reason: 'db', count: 1, first_at: '2026-11-21T03:02:00Z' },
  ])
})
