// What else it could be: the other hypotheses, with what speaks for and against each and how to disprove it cheaply.
import type { Citation, Hypothesis } from '../../api/types'
import { Disclosure } from '../../ui/disclosure'
import { Section } from '../../ui/section'
import { ConfidenceMark } from './marks'
import { noteWording, withOneTime } from './note-words'
import { categoryLabel } from './words'

interface Props {
  top: Hypothesis | undefined
  others: Hypothesis[]
}

export function Alternatives({ top, others }: Props) {
  // A healthy system needs no other explanation, where nothing speaks against it.
  if (others.length === 0 && (!top || (top.category === 'healthy' && top.contradicting.length === 0)))
    return null
  return (
    <Section title={top ? 'What else it could be' : 'What it could be'}>
      {top && <Doubts top={top} />}
      {others.length === 0 && <p className="text-sm text-soft">No other cause explains what was seen.</p>}
      {others.map((hypothesis) => (
        <Disclosure key={hypothesis.id} open={!top} summary={<Summary hypothesis={hypothesis} />}>
          <Balance hypothesis={hypothesis} />
        </Disclosure>
      ))}
    </Section>
  )
}

/** What speaks against the leading explanation comes first: it is what a tired reader overlooks. */
function Doubts({ top }: { top: Hypothesis }) {
  if (top.contradicting.length === 0 && !top.disproof) return null
  return (
    <div className="mb-4 flex flex-col gap-3 prose-margin text-sm">
      {top.contradicting.length > 0 && (
        <Side title="Against the leading explanation" citations={top.contradicting} />
      )}
      {top.disproof && <Disproof text={top.disproof} />}
    </div>
  )
}

const Summary = ({ hypothesis }: { hypothesis: Hypothesis }) => (
  <span className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
    <span className="font-medium">{categoryLabel(hypothesis.category)}</span>
    <ConfidenceMark confidence={hypothesis.confidence} />
    <span className="min-w-0 basis-full wrap-anywhere text-soft">{hypothesis.statement}</span>
  </span>
)

function Balance({ hypothesis }: { hypothesis: Hypothesis }) {
  const { contradicting, disproof } = hypothesis
  const supporting = hypothesis.supporting.filter(({ beside }) => !beside)
  return (
    <div className="flex flex-col gap-3 text-sm">
      {supporting.length > 0 && <Side title="For" citations={supporting} />}
      {contradicting.length > 0 && <Side title="Against" citations={contradicting} />}
      {disproof && <Disproof text={disproof} />}
    </div>
  )
}

const Side = ({ title, citations }: { title: string; citations: Citation[] }) => (
  <div>
    <p className="label">{title}</p>
    <ul className="mt-1 flex flex-col gap-1.5">
      {citations.map((citation, n) => (
        <li key={n} className="flex gap-2">
          <span className="w-6 shrink-0 pt-px font-mono text-xs text-accent">{citation.evidence}</span>
          <span className="min-w-0">
            {citation.note && <span className="block wrap-anywhere">{noteWording(citation.note)}</span>}
            <span className="font-mono text-xs wrap-anywhere" title={citation.quote}>
              {withOneTime(citation.quote)}
            </span>
          </span>
        </li>
      ))}
    </ul>
  </div>
)

const Disproof = ({ text }: { text: string }) => (
  <p className="wrap-anywhere">
    <span className="block label">Cheapest way to disprove it</span>
    {text}
  </p>
)
