// How times read, at the edges where wording goes wrong.
import { describe, expect, it } from 'vitest'
import { countdown, elapsed, relative, span, timesIn } from './time'

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

describe('timesIn', () => {
  const london = timesIn('Europe/London', 'en')

  it('leaves out the day today, and the year this year', () => {
    expect(london.moment('2026-11-21T03:04:05Z', NOW)).toBe('03:04:05')
    expect(london.moment('2026-11-20T23:58:10Z', NOW)).toBe('20 Nov, 23:58:10')
    expect(london.day('2025-11-20T23:58:10Z', NOW)).toBe('20 Nov 2025')
  })

  it('has another today elsewhere', () => {
    const kolkata = timesIn('Asia/Kolkata', 'en')
    expect(kolkata.moment('2026-11-20T18:31:00Z', NOW)).toBe('00:01:00')
    expect(timesIn('America/New_York', 'en').moment('2026-11-21T04:59:00Z', NOW)).toBe('23:59:00')
  })

  it('writes as the reader is used to', () => {
    expect(timesIn('UTC', 'de').moment('2026-11-20T13:58:10Z', NOW)).toBe('20. Nov., 13:58:10')
    expect(timesIn('UTC', 'en-US').clock('2026-11-20T13:58:10Z')).toMatch(/^01:58:10\sPM$/)
  })

  it('never fails for a zone or a language that the browser does not know', () => {
    expect(timesIn('Mars/Base', 'not a language').clock('2026-11-20T13:58:10Z')).toMatch(/:58:10$/)
  })

  it('tells the exact time in both clocks', () => {
    expect(london.exact('2026-11-21T03:04:05.678Z', NOW)).toBe(
      '03:04:05 Europe/London (2026-11-21 03:04:05 UTC)',
    )
  })
})
