// How times read, at the edges where wording goes wrong.
import { describe, expect, it } from 'vitest'
import { countdown, day, elapsed, moment, relative, span } from './time'

const NOW = Date.parse('2026-11-21T03:10:00Z')
const S = 1000
const MIN = 60 * S
const H = 60 * MIN

describe('span', () => {
  it.each([
    [0, '0 s'],
    [59_999, '59 s'],
    [MIN, '1 min'],
    [59 * MIN + 59 * S, '59 min'],
    [H, '1 h 00 min'],
    [23 * H + 59 * MIN, '23 h 59 min'],
    [24 * H, '1 d 0 h'],
    [-5 * S, '0 s'],
  ])('%i ms reads "%s"', (ms, words) => expect(span(ms)).toBe(words))
})

describe('elapsed', () => {
  it('counts seconds while it is short, so that it visibly runs', () => {
    expect(elapsed(6 * MIN + 2 * S)).toBe('6 min 02 s')
    expect(elapsed(2 * H + 4 * MIN + 9 * S)).toBe('2 h 04 min')
  })
})

describe('countdown', () => {
  it.each([
    [12 * MIN + 31 * S, '12:31'],
    [9 * S, '0:09'],
    [H + 2 * MIN + 10 * S, '1:02:10'],
    [-1, '0:00'],
  ])('%i ms reads "%s"', (ms, words) => expect(countdown(ms)).toBe(words))
})

describe('relative', () => {
  it.each([
    ['2026-11-21T03:04:00Z', '6 min ago'],
    ['2026-11-21T03:22:00Z', 'in 12 min'],
    ['2026-11-20T03:10:00Z', '1 d 0 h ago'],
    ['nonsense', 'at an unknown time'],
  ])('%s reads "%s"', (at, words) => expect(relative(at, NOW)).toBe(words))

  it('takes a server clock that runs ahead by seconds for now', () => {
    expect(relative('2026-11-21T03:10:04Z', NOW)).toBe('just now')
  })
})

describe('moment', () => {
  it('leaves out the day today, and the year this year', () => {
    expect(moment('2026-11-21T03:04:05Z', NOW)).toBe('03:04:05')
    expect(moment('2026-11-20T23:58:10Z', NOW)).toBe('20 Nov, 23:58:10')
    expect(day('2025-11-20T23:58:10Z', NOW)).toBe('20 Nov 2025')
  })
})
