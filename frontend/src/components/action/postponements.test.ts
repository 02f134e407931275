// "Until 08:00" is the next one on the wall clock.
import { describe, expect, it } from 'vitest'
import { postponements } from './postponements'

const morningAfter = (now: string) => postponements(Date.parse(now), 'UTC').at(-1)?.until

describe('postponements', () => {
  it('counts from now', () => {
    expect(postponements(Date.parse('2026-11-21T03:00:00Z'), 'UTC')[0].until).toBe('2026-11-21T03:15:00.000Z')
  })

  it('is today before eight, and tomorrow from eight on', () => {
    expect(morningAfter('2026-11-21T03:00:00Z')).toBe('2026-11-21T08:00:00.000Z')
    expect(morningAfter('2026-11-21T08:00:00Z')).toBe('2026-11-22T08:00:00.000Z')
  })

  it('is eight on the clock of the reader, also on the day it is changed', () => {
    const berlin = postponements(Date.parse('2026-10-24T20:00:00Z'), 'Europe/Berlin').at(-1)
    expect(berlin?.until).toBe('2026-10-25T07:00:00.000Z')
  })

  it('never offers a time that is past', () => {
    const now = Date.parse('2026-12-31T23:59:59Z')
    for (const { until } of postponements(now, 'Europe/Berlin'))
      expect(Date.parse(until)).toBeGreaterThan(now)
  })
})
