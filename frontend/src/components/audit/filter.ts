// What is asked of the audit log; the address holds it.
import type { AuditFilter } from '../../api/queries'

export interface AuditSearch {
  actor?: string
  action?: string
  q?: string
  /** Days back from now. */
  days?: number
}

export const DAYS: Record<number, string> = {
  1: 'last day',
  7: 'last week',
  30: 'last month',
  365: 'last year',
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() ? value.trim().slice(0, 100) : undefined

export function readAuditSearch(raw: Record<string, unknown>): AuditSearch {
  const { actor, action, q, days } = raw
  const known = {
    actor: text(actor),
    action: text(action),
    q: text(q),
    days: typeof days === 'number' && days in DAYS ? days : undefined,
  }
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined))
}

const DAY_MS = 86_400_000

/** For the server. Of the moment only the minute counts, so that the answer can be kept. */
export function toAuditFilter({ days, ...rest }: AuditSearch, now: number): AuditFilter {
  const minute = Math.floor(now / 60_000) * 60_000
  return days === undefined ? rest : { ...rest, since: new Date(minute - days * DAY_MS).toISOString() }
}
