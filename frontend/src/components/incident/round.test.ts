// While a new round runs, the page keeps showing what the round before found.
import { describe, expect, it } from 'vitest'
import { evidence, hypothesis } from '../../testing/samples'
import { shownRound } from './round'

describe('shownRound', () => {
  it('a running round without hypotheses hides nothing', () => {
    const round = shownRound([evidence('E1', 1), evidence('E1', 2)], [hypothesis(1, 1)])
    expect(round.number).toBe(1)
    expect(round.evidence.map((item) => item.id)).toEqual(['E1-1'])
  })

  it('evidence of the first round is shown as it comes', () => {
    expect(shownRound([evidence('E2', 1), evidence('E1', 1)], []).evidence.map((e) => e.label)).toEqual([
      'E1',
      'E2',
    ])
  })

  it('sorts labels as numbers and hypotheses by rank', () => {
    const round = shownRound([evidence('E10', 1), evidence('E9', 1)], [hypothesis(2, 1), hypothesis(1, 1)])
    expect(round.evidence.map((item) => item.label)).toEqual(['E9', 'E10'])
    expect(round.top?.rank).toBe(1)
    expect(round.others.map((item) => item.rank)).toEqual([2])
  })

  it('an explanation that was ruled out never leads', () => {
    const round = shownRound([], [hypothesis(1, 1, { confidence: 'ruled_out' })])
    expect(round.top).toBeUndefined()
    expect(round.others).toHaveLength(1)
  })
})
