// The list's filter as it stands in the address bar, and as the API takes it.
import type { IncidentFilter } from '../../api/queries'
import type { IncidentStatus, Severity } from '../../api/types'
import { CLOSED, OPEN, SEVERITIES, STATUSES } from './words'

export type StatusChoice = 'open' | 'closed' | 'all' | IncidentStatus

export interface IncidentSearch {
  status?: StatusChoice
  severity?: Severity
  q?: string
  new?: boolean
}

const GROUPS = { open: OPEN, closed: CLOSED, all: undefined } as const

const isChoice = (value: unknown): value is StatusChoice =>
  typeof value === 'string' && (Object.hasOwn(GROUPS, value) || (STATUSES as string[]).includes(value))
const isSeverity = (value: unknown): value is Severity => (SEVERITIES as unknown[]).includes(value)

/** What of an address is understood; the rest is dropped, so that no link leads to an error. */
export function readSearch(raw: Record<string, unknown>): IncidentSearch {
  return {
    ...(isChoice(raw.status) && raw.status !== 'open' ? { status: raw.status } : {}),
    ...(isSeverity(raw.severity) ? { severity: raw.severity } : {}),
    ...(typeof raw.q === 'string' || typeof raw.q === 'number' ? { q: String(raw.q).slice(0, 200) } : {}),
    ...(raw.new === true ? { new: true } : {}),
  }
}

function statuses(choice: StatusChoice): IncidentStatus[] | undefined {
  return choice === 'open' || choice === 'closed' || choice === 'all' ? GROUPS[choice] : [choice]
}

/** What is open now is read by its kinds; of what is over, every one. */
export function toFilter({ status = 'open', severity, q }: IncidentSearch): IncidentFilter {
  const wanted = statuses(status)
  return {
    ...(status === 'open' ? { collapsed: true } : {}),
    ...(wanted ? { status: wanted } : {}),
    ...(severity ? { severity: [severity] } : {}),
    ...(q?.trim() ? { q: q.trim() } : {}),
  }
}
