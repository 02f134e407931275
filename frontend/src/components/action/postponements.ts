// The times to which a decision can be put off, on the reader's own clock.
import { instantOf, wall } from '../../ui/zone'

export interface Postponement {
  label: string
  until: string
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MORNING_MS = 8 * HOUR_MS

const after = (now: number, label: string, minutes: number): Postponement => ({
  label,
  until: new Date(now + minutes * 60_000).toISOString(),
})

/** The next 08:00 on the wall clock; today's when it is still to come. */
function morning(now: number, zone: string): number {
  const midnight = Math.floor(wall(now, zone) / DAY_MS) * DAY_MS
  const today = instantOf(midnight + MORNING_MS, zone)
  return today > now ? today : instantOf(midnight + DAY_MS + MORNING_MS, zone)
}

export const postponements = (now: number, zone: string): [Postponement, ...Postponement[]] => [
  after(now, '15 minutes', 15),
  after(now, '1 hour', 60),
  after(now, '4 hours', 240),
  { label: 'Until 08:00', until: new Date(morning(now, zone)).toISOString() },
]
