// The timeline in words: what each verb means, who did it, and how it looks.
import type { IncidentEvent } from '../../api/types'
import type { Tone } from '../../ui/tone'
import { inShort } from './gist'

interface Wording {
  title: string
  tone: Tone
}

const VERBS: Record<string, Wording> = {
  detect: { title: 'Opened', tone: 'red' },
  merge: { title: 'Seen again', tone: 'quiet' },
  join: { title: 'Another alert belongs to it', tone: 'quiet' },
  split: { title: 'Split', tone: 'quiet' },
  recover: { title: 'The source recovered', tone: 'green' },
  acknowledge: { title: 'Acknowledged', tone: 'quiet' },
  investigate: { title: 'Investigation started', tone: 'accent' },
  resume: { title: 'Investigation resumed', tone: 'accent' },
  conclude: { title: 'Investigation done', tone: 'accent' },
  discard: { title: 'Remedy not possible', tone: 'quiet' },
  advise: { title: 'Advice given', tone: 'quiet' },
  propose: { title: 'Proposal waits for approval', tone: 'amber' },
  approve: { title: 'Approved', tone: 'accent' },
  postpone: { title: 'Postponed', tone: 'quiet' },
  decline: { title: 'Proposal closed', tone: 'amber' },
  execute: { title: 'Approved; execution begins', tone: 'accent' },
  start: { title: 'Running', tone: 'accent' },
  drop: { title: 'Not run', tone: 'amber' },
  late_answer: { title: 'A late answer', tone: 'quiet' },
  verify: { title: 'Has run; verification begins', tone: 'accent' },
  verified: { title: 'Verification done', tone: 'accent' },
  give_back: { title: 'Handed to a person', tone: 'amber' },
  fail: { title: 'Given up', tone: 'red' },
  resolve: { title: 'Resolved', tone: 'green' },
  reopen: { title: 'Reopened', tone: 'amber' },
  correct: { title: 'A person named the cause', tone: 'green' },
  post_mortem: { title: 'Post-mortem written', tone: 'quiet' },
}

const spoken = (verb: string) => verb.charAt(0).toUpperCase() + verb.slice(1).replaceAll('_', ' ')

/** The heading of an event; a verb this page has not heard of is spoken as it is. */
export const eventWording = (event: Pick<IncidentEvent, 'verb'>): Wording =>
  VERBS[event.verb] ?? { title: spoken(event.verb), tone: 'quiet' }

// What was found stands in full above the timeline.
const FOUND = /^(Root cause \([^)]*\)|Not an incident|Inconclusive): /

/** What an event adds to its heading; a message that only says the heading again adds nothing. */
export function eventMessage(event: Pick<IncidentEvent, 'verb' | 'message'>): string {
  const { title } = eventWording(event)
  const found = event.verb === 'conclude' ? FOUND.exec(event.message)?.[0] : undefined
  if (found) return found + inShort(event.message.slice(found.length))
  return event.message === `${title}.` ? '' : event.message
}

const ACTORS: Record<IncidentEvent['actor_kind'], string> = {
  system: 'Nightdesk',
  agent: 'Investigator',
  person: 'A person',
  source: 'Source',
}

/** People and sources have names; our own parts are called what they do. */
export const actorWording = (event: Pick<IncidentEvent, 'actor' | 'actor_kind'>): string =>
  event.actor_kind === 'person' || event.actor_kind === 'source'
    ? (event.actor ?? ACTORS[event.actor_kind])
    : ACTORS[event.actor_kind]

export interface TimelineEntry {
  event: IncidentEvent
  /** How many further repetitions of the same verb this entry stands for. */
  repeats: number
}

// What comes by the hundred.
const FOLDED = new Set(['merge', 'join'])

/** Newest first, with runs of merged and joined alerts folded into one entry: an alert storm is one line. */
export function timeline(events: IncidentEvent[]): TimelineEntry[] {
  const entries: TimelineEntry[] = []
  for (const event of [...events].sort((a, b) => b.seq - a.seq)) {
    const last = entries.at(-1)
    if (last && FOLDED.has(event.verb) && last.event.verb === event.verb) last.repeats++
    else entries.push({ event, repeats: 0 })
  }
  return entries
}
