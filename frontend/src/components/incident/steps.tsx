// What the investigation did, step by step, in the order in which it began; live while it runs.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useApi } from '../../api/context'
import { stepsQuery } from '../../api/queries'
import type { Investigation, Step } from '../../api/types'
import { Disclosure } from '../../ui/disclosure'
import { Section } from '../../ui/section'
import { SkeletonLines } from '../../ui/skeleton'
import { Dot } from '../../ui/tag'
import { useTimes } from '../../ui/times'
import type { Tone } from '../../ui/tone'
import { dollars, tokens } from '../model/words'
import { Loading } from '../loading'
import { STEP_KIND, stepsInShort, took } from './step-words'
import { stepWording } from './words'

interface Props {
  incidentId: string
  investigation: Investigation
}

const RUNNING = new Set(['queued', 'running'])

export function Steps({ incidentId, investigation }: Props) {
  const running = RUNNING.has(investigation.status)
  const asked = useQuery(stepsQuery(useApi(), incidentId, investigation.id))
  const { data } = asked
  if (data?.length === 0 && !running) return null
  return (
    <Section title="What it did" aside={data && data.length > 0 && stepsInShort(data)}>
      <Loading query={asked} what="steps" small>
        <SkeletonLines lines={3} />
      </Loading>
      {data?.length === 0 && <p className="text-sm text-soft">It has not begun yet.</p>}
      {data && data.length > 0 && (
        <Disclosure
          key={String(running)}
          {...(running ? { open: true } : {})}
          summary={<Summary steps={data} running={running} />}
        >
          <ol aria-live={running ? 'polite' : 'off'} aria-relevant="additions">
            {data.map((step) => (
              <Row key={step.seq} step={step} />
            ))}
          </ol>
        </Disclosure>
      )}
      <Model incidentId={incidentId} investigation={investigation} />
    </Section>
  )
}

/** Whether a model took part, what it cost, and the way to every word of it. */
function Model({ incidentId, investigation }: Props) {
  const { model, cost_usd, tokens_in, tokens_out, usage_estimated, round } = investigation
  if (!model) return null
  return (
    <p className="mt-2 flex flex-wrap items-baseline gap-x-3 text-sm">
      <span className="tabular">
        <span className="font-mono text-xs">{model}</span>: {tokens(tokens_in)} tokens in,{' '}
        {tokens(tokens_out)} out, {usage_estimated && 'about '}
        {dollars(cost_usd)}
      </span>
      <Link
        to="/incidents/$incidentId/transcript"
        params={{ incidentId }}
        search={{ round }}
        className="text-accent underline underline-offset-2"
      >
        Read the transcript
      </Link>
    </p>
  )
}

function Summary({ steps, running }: { steps: Step[]; running: boolean }) {
  const last = steps.at(-1)
  if (running && last)
    return (
      <Dot tone="accent" live className="font-medium whitespace-normal!">
        {stepWording(last.title)}
      </Dot>
    )
  return <span className="font-medium">{steps.length === 1 ? 'One step' : `${steps.length} steps`}</span>
}

const STATUS: Record<Step['status'], { tone: Tone; label: string }> = {
  running: { tone: 'accent', label: 'under way' },
  done: { tone: 'green', label: 'done' },
  failed: { tone: 'amber', label: 'failed' },
  skipped: { tone: 'quiet', label: 'left out' },
}

function Row({ step }: { step: Step }) {
  const { clock } = useTimes()
  const { tone, label } = STATUS[step.status]
  return (
    <li className="grid grid-cols-[0.75rem_minmax(0,1fr)_auto] items-baseline gap-x-2.5 border-b border-line/60 py-1.5 last:border-b-0">
      <Dot tone={tone} live={step.status === 'running'}>
        <span className="sr-only">{label}</span>
      </Dot>
      <span className="min-w-0">
        <span className="wrap-anywhere">{stepWording(step.title)}</span>
        <span className="ml-2 label">{STEP_KIND[step.kind]}</span>
        {step.detail && <span className="block text-xs wrap-anywhere text-soft">{step.detail}</span>}
      </span>
      <span className="text-right label whitespace-nowrap tabular">
        {took(step)}
        <time dateTime={step.at} className="ml-3 max-sm:hidden">
          {clock(step.at)}
        </time>
      </span>
    </li>
  )
}
