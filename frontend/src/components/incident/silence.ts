// Which questions got no answer: counted once, for every place of the page that speaks of it.
import type { Evidence } from '../../api/types'

export interface Silence {
  source: string
  error: string
  /** What was asked of it in vain, for the same reason. */
  items: Evidence[]
}

/** By source and error, in the order in which they were asked. */
export function silences(evidence: Evidence[]): Silence[] {
  const groups = new Map<string, Silence>()
  for (const item of evidence) {
    if (!item.error) continue
    const key = `${item.source}\n${item.error}`
    const group = groups.get(key) ?? { source: item.source, error: item.error, items: [] }
    groups.set(key, { ...group, items: [...group.items, item] })
  }
  return [...groups.values()]
}

const questions = (n: number) => (n === 1 ? '1 question' : `${n} questions`)

/** "3 of 14 questions"; empty when all were answered. */
export function silenceInShort(evidence: Evidence[]): string {
  const silent = evidence.filter(({ error }) => error).length
  return silent > 0 ? `${silent} of ${questions(evidence.length)}` : ''
}

/** "prometheus did not answer (2 of 14 questions)"; empty when all did. */
export function silenceInWords(evidence: Evidence[]): string {
  const sources = [...new Set(silences(evidence).map(({ source }) => source))]
  if (sources.length === 0) return ''
  return `${sources.join(', ')} did not answer (${silenceInShort(evidence)}).`
}

const UNSET = /: (?:not|no server) configured$/

/** What the investigator never had, those that nobody has set up in one breath. */
export function notAsked(missing: string[]): string {
  const unset = missing.filter((text) => UNSET.test(text)).map((text) => text.replace(UNSET, ''))
  const rest = missing.filter((text) => !UNSET.test(text))
  const said = unset.length > 0 ? [`Not configured: ${unset.join(', ')}.`] : []
  return [...said, ...(rest.length > 0 ? [`Could not be asked: ${rest.join('; ')}.`] : [])].join(' ')
}
