// How a monitor's states read and look.
import type { MonitorStatus } from '../../api/types'
import type { Tone } from '../../ui/tone'

export const MONITOR_STATUS: Record<MonitorStatus, { label: string; tone: Tone; says: string }> = {
  pending: { label: 'Pending', tone: 'quiet', says: 'Not checked yet.' },
  up: { label: 'Up', tone: 'green', says: 'The last checks passed.' },
  down: { label: 'Down', tone: 'red', says: 'Enough checks in a row have failed.' },
  unknown: {
    label: 'Unknown',
    tone: 'amber',
    says: 'The checker itself had trouble; this says nothing about the target.',
  },
  paused: { label: 'Paused', tone: 'quiet', says: 'Not being checked.' },
}

const EVERY: [number, string][] = [
  [10, 'every 10 s'],
  [30, 'every 30 s'],
  [60, 'every minute'],
  [300, 'every 5 minutes'],
  [900, 'every 15 minutes'],
  [3600, 'every hour'],
]

export const INTERVALS = EVERY.map(([seconds]) => seconds)

/** "every minute", "every 45 s". */
export const every = (seconds: number): string =>
  EVERY.find(([known]) => known === seconds)?.[1] ?? `every ${seconds} s`
