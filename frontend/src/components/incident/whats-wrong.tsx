// What is wrong and how sure: the analyst's one sentence (or a person's), its category, and what the confidence label means.
import { Pencil } from 'lucide-react'
import { useState } from 'react'
import type { Hypothesis, IncidentDetail } from '../../api/types'
import { Banner } from '../../ui/banner'
import { Button } from '../../ui/button'
import { cx } from '../../ui/cx'
import { useSecond } from '../../ui/now'
import { Section } from '../../ui/section'
import { SkeletonLines } from '../../ui/skeleton'
import { Chip, Dot } from '../../ui/tag'
import { elapsed } from '../../ui/time'
import { Moment } from '../../ui/when'
import { useMay } from '../permission'
import { CorrectCause } from './correct'
import { gist } from './gist'
import { ConfidenceMark } from './marks'
import { ANALYST, CONFIDENCE, VERDICT, categoryLabel, stepWording } from './words'

interface Props {
  incident: IncidentDetail
  top: Hypothesis | undefined
}

export function WhatsWrong({ incident, top }: Props) {
  const running = incident.investigation?.status === 'running' || incident.investigation?.status === 'queued'
  const statement = incident.root_cause ?? top?.statement
  return (
    <Section
      id="cause"
      title={incident.status === 'resolved' ? 'What was wrong' : 'What is wrong'}
      aside={incident.investigation && <Byline incident={incident} />}
    >
      {running && <LiveStep incident={incident} again={Boolean(statement)} />}
      {statement || incident.verdict ? (
        <Finding incident={incident} statement={statement ?? null} />
      ) : (
        !running && <NotYet incident={incident} />
      )}
      {running && !statement && <SkeletonLines lines={2} className="mt-3 max-w-xl prose-margin" />}
    </Section>
  )
}

function Finding({ incident, statement }: { incident: IncidentDetail; statement: string | null }) {
  const [correcting, setCorrecting] = useState(false)
  const verdict = incident.verdict ? VERDICT[incident.verdict] : null
  const plain = incident.verdict === 'incident' || !verdict
  // Who could not say what it was has said nothing that is sure, or to be corrected.
  const settled = incident.verdict !== 'inconclusive' || Boolean(incident.root_cause_by)
  if (correcting) {
    const before = settled ? (statement ?? '') : ''
    return <CorrectCause incident={incident} statement={before} onClose={() => setCorrecting(false)} />
  }
  return (
    <div className="prose-margin">
      {!plain && (
        <p className="mb-1">
          <Dot tone={verdict.tone} className="text-base font-semibold">
            {verdict.label}
          </Dot>
        </p>
      )}
      <Said text={statement ?? verdict?.says ?? ''} />
      <div className="mt-2.5 flex flex-wrap items-center gap-x-3 gap-y-1.5 text-sm">
        {incident.incident_type && plain && incident.incident_type !== 'unknown' && (
          <Chip>{categoryLabel(incident.incident_type)}</Chip>
        )}
        {incident.confidence && statement && settled && (
          <>
            <ConfidenceMark confidence={incident.confidence} />
            <span className="text-soft">{CONFIDENCE[incident.confidence].says}</span>
          </>
        )}
      </div>
      <Caveats incident={incident} />
      {incident.root_cause_by && <SaidBy by={incident.root_cause_by} />}
      <SayButton
        label={statement && settled ? 'Correct it' : 'Say what it was'}
        onClick={() => setCorrecting(true)}
      />
    </div>
  )
}

/** Longer than this, what follows the first words is folded. */
const MUCH = 360

/** The first words large, the rest for reading: a line of a log is no headline. */
function Said({ text }: { text: string }) {
  const [whole, setWhole] = useState(false)
  const { head, rest } = gist(text)
  return (
    <>
      <p className="max-w-[46rem] text-lg font-semibold tracking-tight text-balance wrap-anywhere md:text-xl">
        {head}
      </p>
      {rest && (
        <p
          className={cx(
            'mt-1.5 max-w-[46rem] text-sm leading-relaxed wrap-anywhere whitespace-pre-line',
            rest.length > MUCH && !whole && 'line-clamp-4',
          )}
        >
          {rest}
        </p>
      )}
      {rest.length > MUCH && (
        <Button
          look="ghost"
          size="sm"
          className="mt-0.5 -ml-2"
          aria-expanded={whole}
          onClick={() => setWhole(!whole)}
        >
          {whole ? 'Show less' : 'Show all of it'}
        </Button>
      )}
    </>
  )
}

/** A person has spoken: what stands here is theirs, and no investigation takes it away. */
const SaidBy = ({ by }: { by: NonNullable<IncidentDetail['root_cause_by']> }) => (
  <p className="mt-2 text-sm">
    <Chip tone="green">Said by {by.who}</Chip> <Moment at={by.at} className="label tabular" />
  </p>
)

/** What the analyst could not do, and what was taken out of its answer. */
function Caveats({ incident }: { incident: IncidentDetail }) {
  const { analyst_note: note, dropped_claims: dropped } = incident.investigation ?? {}
  if (!note && !dropped) return null
  return (
    <p className="mt-2 label">
      {note}
      {dropped ? ` ${dropped === 1 ? 'One claim' : `${dropped} claims`} without proof left out.` : null}
    </p>
  )
}

function Byline({ incident }: { incident: IncidentDetail }) {
  const { investigation } = incident
  const analyst = incident.analyst ?? investigation?.analyst
  if (!analyst) return null
  const name = analyst === 'llm' && investigation?.model ? investigation.model : ANALYST[analyst].label
  return (
    <span title={ANALYST[analyst].says}>
      {name}
      {incident.investigation_round > 1 && `, round ${incident.investigation_round}`}
    </span>
  )
}

function LiveStep({ incident, again }: { incident: IncidentDetail; again: boolean }) {
  const now = useSecond()
  const investigation = incident.investigation
  if (!investigation) return null
  const since = investigation.started_at ? elapsed(now - Date.parse(investigation.started_at)) : null
  return (
    <p role="status" className="mb-3 flex flex-wrap items-baseline gap-x-3 text-sm">
      <Dot tone="accent" live className="font-medium">
        {investigation.status === 'queued' ? 'Waiting for the investigator' : stepWording(investigation.step)}
      </Dot>
      <span className="label tabular">
        round {investigation.round}
        {since && `, ${since}`}
        {again && '; below is what the round before found'}
      </span>
    </p>
  )
}

function NotYet({ incident }: { incident: IncidentDetail }) {
  if (incident.investigation?.status === 'failed') {
    return (
      <>
        <Banner tone="red" title="The investigation broke off">
          {incident.investigation.error ?? 'It left no reason.'} Investigate again, or look by hand.
        </Banner>
        <SayIt incident={incident} />
      </>
    )
  }
  return (
    <>
      <p className="text-sm text-soft">Not investigated yet.</p>
      {incident.description && <p className="mt-2 text-sm wrap-anywhere">{incident.description}</p>}
      <SayIt incident={incident} />
    </>
  )
}

/** A person may know it before, or instead of, any investigation. */
function SayIt({ incident }: { incident: IncidentDetail }) {
  const [saying, setSaying] = useState(false)
  if (!saying) return <SayButton label="Say what it was" onClick={() => setSaying(true)} />
  return (
    <div className="mt-3">
      <CorrectCause incident={incident} statement="" onClose={() => setSaying(false)} />
    </div>
  )
}

function SayButton({ label, onClick }: { label: string; onClick: () => void }) {
  const may = useMay('incident.write')
  if (!may.allowed) return null
  return (
    <Button look="ghost" size="sm" className="mt-1.5 -ml-2" refused={may.refused} onClick={onClick}>
      <Pencil aria-hidden className="size-3.5" />
      {label}
    </Button>
  )
}
