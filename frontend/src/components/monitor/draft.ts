// What is typed about a monitor, and what is sent for it.
import type { Monitor, MonitorPatch, NewMonitor, Severity } from '../../api/types'
import { readStatusSet } from './status-set'

export interface Draft {
  name: string
  address: string
  interval: number
  severity: Severity
  expected: string
  keyword: string
}

export const EMPTY: Draft = {
  name: '',
  address: '',
  interval: 60,
  severity: 'high',
  expected: '200-299',
  keyword: '',
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

export const draftOf = (monitor: Monitor): Draft => ({
  name: monitor.name,
  address: monitor.address,
  interval: monitor.interval_seconds,
  severity: monitor.severity,
  expected: Array.isArray(monitor.config.expected_status)
    ? monitor.config.expected_status.join(', ')
    : EMPTY.expected,
  keyword: text(monitor.config.keyword),
})

/** What is missing, as a sentence; null: it can be sent. */
export function missingIn(draft: Draft): string | null {
  if (!/^https?:\/\/[^\s/]+/.test(draft.address.trim()))
    return 'Give an address that begins with http:// or https://.'
  return readStatusSet(draft.expected) ? null : 'Statuses look like 200-299, 301.'
}

/** The check's own settings; those that are not shown here (headers, the log file) stay as they are. */
function configOf(draft: Draft, before: Record<string, unknown>): Record<string, unknown> {
  const rest = Object.fromEntries(Object.entries(before).filter(([name]) => name !== 'keyword'))
  const keyword = draft.keyword ? { keyword: draft.keyword } : {}
  return { ...rest, expected_status: readStatusSet(draft.expected), ...keyword }
}

const shared = (draft: Draft) => ({
  name: draft.name.trim() || draft.address.trim(),
  address: draft.address.trim(),
  interval_seconds: draft.interval,
  severity: draft.severity,
})

export const newMonitor = (draft: Draft): NewMonitor => ({
  ...shared(draft),
  type: 'http',
  config: configOf(draft, { method: 'GET', verify_tls: true }),
})

export const changedMonitor = (draft: Draft, monitor: Monitor): MonitorPatch => ({
  ...shared(draft),
  config: configOf(draft, monitor.config),
})
