// Wall clocks of IANA zones, from what the browser knows about them.

const PARTS = {
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
} as const

/** What the zone's clock shows at that instant, written as if it were UTC. */
export function wall(instant: number, zone: string): number {
  const format = new Intl.DateTimeFormat('en-u-hc-h23', { ...PARTS, timeZone: zone })
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
  const part = (name: keyof typeof PARTS) => parts.get(name) ?? 0
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
}

/** When the zone's clock shows that. A time that a changed clock leaves out is taken as much later. */
export function instantOf(shown: number, zone: string): number {
  const guess = shown - (wall(shown, zone) - shown)
  return shown - (wall(guess, zone) - guess)
}

export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

/** The zone, if this browser has heard of it; its own otherwise. */
export function knownZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone && zone
  } catch {
    return browserZone()
  }
}
