// What happened, newest first: every transition, who did it, in words.
import { useState, type ReactNode } from 'react'
import type { IncidentEvent } from '../../api/types'
import { Button } from '../../ui/button'
import { cx } from '../../ui/cx'
import { Section } from '../../ui/section'
import { TONE } from '../../ui/tone'
import { Moment } from '../../ui/when'
import { actorWording, eventMessage, eventWording, timeline, type TimelineEntry } from './timeline-words'

const FIRST = 12

interface Props {
  events: IncidentEvent[]
  /** What stands there until they are known. */
  loading: ReactNode
}

export function Timeline({ events, loading }: Props) {
  const [all, setAll] = useState(false)
  const entries = timeline(events)
  const shown = all ? entries : entries.slice(0, FIRST)
  return (
    <Section title="Timeline">
      {loading}
      <ol aria-live="polite" aria-relevant="additions">
        {shown.map((entry, n) => (
          <Entry key={entry.event.id} entry={entry} last={n === shown.length - 1} />
        ))}
      </ol>
      {entries.length > FIRST && (
        <Button look="ghost" size="sm" onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show ${entries.length - FIRST} earlier`}
        </Button>
      )}
    </Section>
  )
}

function Entry({ entry: { event, repeats }, last }: { entry: TimelineEntry; last: boolean }) {
  const { title, tone } = eventWording(event)
  const message = eventMessage(event)
  return (
    <li className="relative grid grid-cols-[0.75rem_1fr] gap-x-2.5 pb-3.5">
      {!last && (
        <span aria-hidden className="absolute top-[1.125rem] bottom-[-0.125rem] left-[5.5px] w-px bg-line" />
      )}
      <span aria-hidden className={cx('mt-1.5 size-2 justify-self-center rounded-full', TONE[tone].dot)} />
      <div className="min-w-0 text-sm">
        <p className="flex items-baseline justify-between gap-3">
          <span className="font-medium">
            {title}
            {repeats > 0 && (
              <span className="font-normal text-faint tabular">
                {' '}
                and {repeats === 1 ? 'once' : `${repeats} times`} before
              </span>
            )}
          </span>
          <Moment at={event.created_at} className="shrink-0 label tabular" />
        </p>
        {message && <p className="wrap-anywhere text-soft">{message}</p>}
        <p className="label">{actorWording(event)}</p>
      </div>
    </li>
  )
}
