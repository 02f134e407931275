// Money and tokens are read as they were counted; a cap is taken as it was meant.
import { describe, expect, it } from 'vitest'
import type { Usage } from '../../api/types'
import { capOf, capSaved, capTone, dollars, monthAfter, monthName, tokens } from './words'

it('shows what matters of a small amount', () => {
  expect(dollars(12.4)).toBe('$12.40')
  expect(dollars(0)).toBe('$0.00')
  expect(dollars(0.00423)).toBe('$0.0042')
})

it('counts tokens by the million when there are many', () => {
  expect(tokens(12_400)).toBe('12,400')
  expect(tokens(1_240_000)).toBe('1.24 M')
})

it('names months as they are counted, in UTC', () => {
  expect(monthName('2026-11')).toBe('November 2026')
  expect(monthAfter('2026-12')).toBe('January 2027')
})

it.each([
  [{ cap_usd: 25, team_cap_usd: 25 }, 'The cap is $25.00 a month.'],
  [
    { cap_usd: 50, team_cap_usd: 60 },
    "Saved: $60.00. The installation's cap is lower and still counts: $50.00 a month.",
  ],
  [
    { cap_usd: 50, team_cap_usd: null },
    "The team's own cap is gone. The installation's counts: $50.00 a month.",
  ],
])('says of a saved cap whether it counts', (usage, says) => expect(capSaved(usage)).toBe(says))

describe('a cap', () => {
  it('is what was typed, with or without a sign', () => {
    expect(capOf(' 25 ')).toBe(25)
    expect(capOf('$ 12.50')).toBe(12.5)
    expect(capOf('0')).toBe(0)
  })
  it('is none of the own when nothing was typed', () => expect(capOf('  ')).toBeNull())
  it.each(['-1', 'many', '1.234', '1e3', '1,5', '2000000'])('is not %s', (typed) =>
    expect(typeof capOf(typed)).toBe('string'),
  )
})

it('warns before the cap is reached', () => {
  const spent = (cost_usd: number, cap_reached = false) => ({ cost_usd, cap_usd: 10, cap_reached }) as Usage
  expect([capTone(spent(7.9)), capTone(spent(8)), capTone(spent(10, true))]).toEqual([
    'accent',
    'amber',
    'red',
  ])
})
