// What was asked and did not answer: gaps in the evidence, with the exact question, so that a person can ask it by hand.
import type { Evidence } from '../../api/types'
import { CopyButton } from '../../ui/copy'
import { Section } from '../../ui/section'
import { notAsked, silenceInShort, silences } from './silence'

interface Props {
  evidence: Evidence[]
  /** Everything the investigator lacked, in its words. */
  missing: string[]
}

export function Unanswered({ evidence, missing }: Props) {
  const silent = evidence.filter((item) => item.error)
  const groups = silences(evidence)
  const told = new Set(silent.map((item) => `${item.title}: ${item.error}`))
  const neverAsked = missing.filter((text) => !told.has(text))
  if (silent.length === 0 && neverAsked.length === 0) return null
  return (
    <Section id="unanswered" title="What did not answer" aside={silenceInShort(evidence)}>
      <ul className="flex flex-col gap-4 not-empty:mb-4 empty:hidden">
        {groups.map(({ source, error, items }) => (
          <li key={`${source} ${error}`} className="min-w-0 text-sm">
            <p className="wrap-anywhere">
              <span className="font-mono text-xs font-medium">{source}</span>{' '}
              <span className="text-red">{error}</span>
            </p>
            <ul>
              {items.map((item) => (
                <Question key={item.id} item={item} />
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {neverAsked.length > 0 && <p className="text-sm text-soft">{notAsked(neverAsked)}</p>}
    </Section>
  )
}

const Question = ({ item }: { item: Evidence }) => (
  <li className="flex items-start justify-between gap-2 border-b border-line/60 py-1 last:border-b-0">
    <span className="min-w-0 pt-1 wrap-anywhere">
      {item.title}
      <code className="block font-mono text-xs text-soft">{item.query}</code>
    </span>
    <CopyButton terse text={item.query} />
  </li>
)
