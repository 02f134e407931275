// Why: the quotes that carry the finding, what else was seen about then, and every piece of evidence in full.
import { useState, type ReactNode } from 'react'
import type { Citation, Evidence, Hypothesis } from '../../api/types'
import { Disclosure } from '../../ui/disclosure'
import { Section } from '../../ui/section'
import { AlsoSeen } from './also-seen'
import { EvidenceLink, QuoteOrigin } from './citation'
import { EvidenceItem } from './evidence-item'
import { MetricChart } from './metric-chart'
import { noteWording, withOneTime } from './note-words'

interface Props {
  top: Hypothesis | undefined
  hypotheses: Hypothesis[]
  evidence: Evidence[]
  /** Both have been loaded. */
  known: boolean
  /** What stands there until then. */
  loading: ReactNode
  /** When the trouble was first reported. */
  alertAt: string
}

export function Why({ top, hypotheses, evidence, known, loading, alertAt }: Props) {
  const answered = evidence.filter((item) => !item.error)
  const [opened, setOpened] = useState<Record<string, boolean>>({})
  const quotes = quotesByEvidence(hypotheses)
  const cited = restedOn(hypotheses)
  const carrying = top?.supporting.filter(({ beside }) => !beside) ?? []
  const beside = hypotheses.flatMap(({ supporting }) => supporting.filter((citation) => citation.beside))
  const [whole, setWhole] = useState(false)
  const show = (label: string) => {
    setWhole(true)
    setOpened((before) => ({ ...before, [label]: true }))
    // After the element has opened.
    requestAnimationFrame(() =>
      document.getElementById(`evidence-${label}`)?.scrollIntoView({ block: 'center' }),
    )
  }
  return (
    <Section title={top ? 'Why' : 'What was looked at'} id="why">
      {loading}
      {known && answered.length === 0 && (
        <p className="text-sm text-soft">No evidence has been gathered yet.</p>
      )}
      {carrying.length > 0 && (
        <div className="mb-5">
          <Quotes citations={carrying} evidence={evidence} alertAt={alertAt} onShow={show} />
        </div>
      )}
      <AlsoSeen citations={beside} evidence={evidence} onShow={show} />
      {answered.length > 0 && (
        <Disclosure
          open={whole}
          onToggle={setWhole}
          summary={<span className="font-medium">Everything that was looked at ({answered.length})</span>}
        >
          {answered.map((item) => (
            <EvidenceItem
              key={item.id}
              item={item}
              alertAt={alertAt}
              quotes={quotes.get(item.label) ?? []}
              cited={cited.has(item.label)}
              open={opened[item.label] ?? false}
              onToggle={(open) => setOpened((before) => ({ ...before, [item.label]: open }))}
            />
          ))}
        </Disclosure>
      )}
    </Section>
  )
}

/** What a conclusion is drawn from, or speaks against it; not what was only seen beside it. */
const restedOn = (hypotheses: Hypothesis[]): Set<string> =>
  new Set(
    hypotheses
      .flatMap(({ supporting, contradicting }) => [...supporting, ...contradicting])
      .filter(({ beside }) => !beside)
      .map(({ evidence }) => evidence),
  )

function quotesByEvidence(hypotheses: Hypothesis[]): Map<string, string[]> {
  const quotes = new Map<string, string[]>()
  for (const { supporting, contradicting } of hypotheses) {
    for (const { evidence, quote } of [...supporting, ...contradicting]) {
      quotes.set(evidence, [...(quotes.get(evidence) ?? []), ...(quote ? [quote] : [])])
    }
  }
  return quotes
}

interface QuotesProps {
  citations: Citation[]
  evidence: Evidence[]
  alertAt: string
  onShow: (label: string) => void
}

function Quotes({ citations, evidence, alertAt, onShow }: QuotesProps) {
  // Once for each series, however often it is quoted.
  const chartOf = ({ evidence: label }: Citation, n: number) =>
    citations.findIndex((citation) => citation.evidence === label) === n
      ? evidence.find((item) => item.label === label && item.kind === 'metric')
      : undefined
  // Once for all that it is said of in a row.
  const noteOf = ({ note }: Citation, n: number) => (note === citations[n - 1]?.note ? '' : note)
  return (
    <ul className="flex flex-col gap-5">
      {citations.map((citation, n) => (
        <li key={n} className="grid grid-cols-[2.25rem_minmax(0,1fr)] gap-x-2">
          <EvidenceLink label={citation.evidence} onShow={onShow} />
          <div className="min-w-0">
            {noteOf(citation, n) && (
              <p className="mb-1 min-h-6 pt-0.5 text-sm font-medium wrap-anywhere">
                {noteWording(citation.note)}
              </p>
            )}
            {citation.quote && (
              <q
                title={citation.quote}
                className="block rounded bg-sunken px-2 py-1.5 font-mono text-xs leading-relaxed wrap-anywhere before:content-none after:content-none"
              >
                {withOneTime(citation.quote)}
              </q>
            )}
            <CitedChart item={chartOf(citation, n)} alertAt={alertAt} />
            <QuoteOrigin item={evidence.find(({ label }) => label === citation.evidence)} />
          </div>
        </li>
      ))}
    </ul>
  )
}

/** A series that carries the finding is seen, not only described. */
const CitedChart = ({ item, alertAt }: { item: Evidence | undefined; alertAt: string }) =>
  item && (
    <div className="pt-1">
      <p className="mb-1 text-sm font-medium wrap-anywhere">{item.title}</p>
      <MetricChart item={item} alertAt={alertAt} />
    </div>
  )
