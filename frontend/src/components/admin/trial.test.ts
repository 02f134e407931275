// Whoever extends a trial never shortens it.
import { expect, it } from 'vitest'
import { trialChoices } from './trial'

const NOW = Date.parse('2026-11-21T03:00:00Z')
const fortnight = (endsAt: string | null) => trialChoices(endsAt, NOW)[0].endsAt

it('adds to what is left, and starts now when nothing is', () => {
  expect(fortnight('2026-11-23T03:00:00Z')).toBe('2026-12-07T03:00:00.000Z')
  expect(fortnight('2026-11-01T03:00:00Z')).toBe('2026-12-05T03:00:00.000Z')
  expect(fortnight(null)).toBe('2026-12-05T03:00:00.000Z')
})

it('can be without an end', () => {
  expect(trialChoices(null, NOW).at(-1)?.endsAt).toBeNull()
})
