// The times to which a decision can be put off, in the reader's own time zone.

export interface Postponement {
  label: string
  until: string
}

const MORNING = 8

const after = (now: number, label: string, minutes: number): Postponement => ({
  label,
  until: new Date(now + minutes * 60_000).toISOString(),
})

/** The next 08:00 on the wall clock; today's when it is still to come. */
function morning(now: number): Date {
  const at = new Date(now)
  at.setHours(MORNING, 0, 0, 0)
  if (at.getTime() <= now) at.setDate(at.getDate() + 1)
  return at
}

export const postponements = (now: number): [Postponement, ...Postponement[]] => [
  after(now, '15 minutes', 15),
  after(now, '1 hour', 60),
  after(now, '4 hours', 240),
  { label: 'Until 08:00', until: morning(now).toISOString() },
]
