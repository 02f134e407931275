// Which round's findings the page shows: the newest that has any, so that a running round hides nothing.
import type { Evidence, Hypothesis } from '../../api/types'

export interface Round {
  number: number
  top: Hypothesis | undefined
  others: Hypothesis[]
  hypotheses: Hypothesis[]
  evidence: Evidence[]
}

const newest = (items: { round: number }[]) => items.reduce((most, item) => Math.max(most, item.round), 0)

const byLabel = (a: Evidence, b: Evidence) => Number(a.label.slice(1)) - Number(b.label.slice(1))

export function shownRound(evidence: Evidence[], hypotheses: Hypothesis[]): Round {
  const number = newest(hypotheses) || newest(evidence)
  const ranked = hypotheses.filter((item) => item.round === number).sort((a, b) => a.rank - b.rank)
  const leading = ranked[0]?.confidence === 'ruled_out' ? undefined : ranked[0]
  return {
    number,
    top: leading,
    others: ranked.filter((item) => item !== leading),
    hypotheses: ranked,
    evidence: evidence.filter((item) => item.round === number).sort(byLabel),
  }
}
