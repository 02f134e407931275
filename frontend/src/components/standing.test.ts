// Nobody types into what cannot be changed, and those who do the maintenance go on.
import { describe, expect, it } from 'vitest'
import { standingOf } from './standing'

const NOW = Date.parse('2026-11-21T03:00:00Z')
const team = { suspended_at: null, suspended_reason: null, trial_ends_at: null }
const quiet = { on: false, notice: '' }

describe('standingOf', () => {
  it('is nothing while everything is as usual, or not yet known', () => {
    expect(standingOf({ maintenance: quiet, team, keeper: false }, NOW)).toBeNull()
    expect(standingOf({ maintenance: undefined, team: undefined, keeper: false }, NOW)).toBeNull()
  })

  it('stops at the end of the trial, to the second', () => {
    const until = (trial_ends_at: string) => ({
      maintenance: quiet,
      team: { ...team, trial_ends_at },
      keeper: false,
    })
    expect(standingOf(until('2026-11-21T03:00:01Z'), NOW)).toBeNull()
    expect(standingOf(until('2026-11-21T03:00:00Z'), NOW)?.why).toBe('trial_ended')
  })

  it('gives the reason of a suspension, which counts more than everything else', () => {
    const suspended = { ...team, suspended_at: '2026-11-20T00:00:00Z', suspended_reason: 'unpaid' }
    const found = standingOf({ maintenance: { on: true, notice: 'x' }, team: suspended, keeper: true }, NOW)
    expect(found).toMatchObject({ why: 'suspended', notice: 'unpaid' })
    expect(found?.refused).toBeTruthy()
  })

  it('lets those who do the maintenance go on, and tells them all the same', () => {
    const maintenance = { on: true, notice: 'New disks.' }
    expect(standingOf({ maintenance, team, keeper: true }, NOW)).toMatchObject({
      notice: 'New disks.',
      refused: null,
    })
    expect(standingOf({ maintenance, team, keeper: false }, NOW)?.refused).toContain('maintenance')
  })
})
