// What was asked and did not answer: gaps in the evidence, with the exact question, so that a person can ask it by hand.
import type { Evidence } from '../../api/types'
import { CopyButton } from '../../ui/copy'
import { Section } from '../../ui/section'

interface Props {
  evidence: Evidence[]
  /** Everything the investigator lacked, in its words. */
  missing: string[]
}

export function Unanswered({ evidence, missing }: Props) {
  const silent = evidence.filter((item) => item.error)
  const told = new Set(silent.map((item) => `${item.title}: ${item.error}`))
  const neverAsked = missing.filter((text) => !told.has(text))
  if (silent.length === 0 && neverAsked.length === 0) return null
  return (
    <Section
      title="What did not answer"
      aside={silent.length > 0 && `${silent.length} of ${evidence.length} asked`}
    >
      <ul className="flex flex-col gap-4 not-empty:mb-4 empty:hidden">
        {silent.map((item) => (
          <li key={item.id} className="text-sm">
            <p className="flex flex-wrap items-baseline gap-x-2.5">
              <span className="font-medium">{item.title}</span>
              <span className="font-mono text-xs text-faint">{item.source}</span>
            </p>
            <p className="text-red">{item.error}</p>
            <p className="flex items-start justify-between gap-2">
              <code className="pt-1.5 font-mono text-xs wrap-anywhere text-soft">{item.query}</code>
              <CopyButton text={item.query} />
            </p>
          </li>
        ))}
      </ul>
      {neverAsked.length > 0 && (
        <p className="text-sm text-soft">Could not be asked: {neverAsked.join('; ')}.</p>
      )}
    </Section>
  )
}
