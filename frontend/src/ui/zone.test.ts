// A wall clock is right on both days on which it is changed.
import { describe, expect, it } from 'vitest'
import { browserZone, instantOf, knownZone, wall } from './zone'

const at = (text: string) => Date.parse(text)

describe('wall', () => {
  it.each([
    ['2026-11-21T03:04:05Z', 'UTC', '2026-11-21T03:04:05Z'],
    ['2026-11-21T23:30:00Z', 'Europe/Berlin', '2026-11-22T00:30:00Z'],
    ['2026-11-21T18:29:00Z', 'Asia/Kolkata', '2026-11-21T23:59:00Z'],
    ['2026-07-01T00:00:00Z', 'America/New_York', '2026-06-30T20:00:00Z'],
  ])('%s in %s', (instant, zone, shown) => expect(wall(at(instant), zone)).toBe(at(shown)))
})

describe('instantOf', () => {
  it.each([
    ['2026-03-28T08:00:00Z', 'Europe/Berlin', '2026-03-28T07:00:00Z'],
    ['2026-03-29T08:00:00Z', 'Europe/Berlin', '2026-03-29T06:00:00Z'],
    ['2026-10-25T08:00:00Z', 'Europe/Berlin', '2026-10-25T07:00:00Z'],
    ['2026-11-01T08:00:00Z', 'America/New_York', '2026-11-01T13:00:00Z'],
    ['2026-11-21T08:00:00Z', 'Asia/Kolkata', '2026-11-21T02:30:00Z'],
  ])('%s on the clock of %s', (shown, zone, instant) => expect(instantOf(at(shown), zone)).toBe(at(instant)))

  it('comes after the hour that spring leaves out', () => {
    const missing = at('2026-03-29T02:30:00Z')
    expect(instantOf(missing, 'Europe/Berlin')).toBeGreaterThanOrEqual(at('2026-03-29T00:30:00Z'))
  })
})

it('falls back to its own zone for one it does not know', () => {
  expect(knownZone('Mars/Olympus_Mons')).toBe(browserZone())
  expect(knownZone('Asia/Kolkata')).toBe('Asia/Kolkata')
})
