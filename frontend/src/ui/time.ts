// How times and spans read. `now` is always an argument.
import { knownZone, wall } from './zone'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const seconds = (ms: number) => Math.max(0, Math.floor(ms / 1000))
const two = (n: number) => String(n).padStart(2, '0')

/** A span with at most two units: "8 s", "6 min", "1 h 04 min", "3 d 2 h". */
export function span(ms: number): string {
  const s = seconds(ms)
  if (s < MINUTE) return `${s} s`
  if (s < HOUR) return `${Math.floor(s / MINUTE)} min`
  if (s < DAY) return `${Math.floor(s / HOUR)} h ${two(Math.floor((s % HOUR) / MINUTE))} min`
  return `${Math.floor(s / DAY)} d ${Math.floor((s % DAY) / HOUR)} h`
}

/** A running time, to the second while it is short: "8 s", "6 min 12 s", "1 h 04 min". */
export function elapsed(ms: number): string {
  const s = seconds(ms)
  return s >= MINUTE && s < HOUR ? `${Math.floor(s / MINUTE)} min ${two(s % MINUTE)} s` : span(ms)
}

/** What is left, as a clock: "0:09", "12:31", "1:02:10"; "0:00" once it is over. */
export function countdown(ms: number): string {
  const s = seconds(ms)
  const minutes = Math.floor((s % HOUR) / MINUTE)
  return s < HOUR
    ? `${minutes}:${two(s % MINUTE)}`
    : `${Math.floor(s / HOUR)}:${two(minutes)}:${two(s % MINUTE)}`
}

/** Seen from now: "just now", "6 min ago", "in 12 min". A clock that runs ahead by a little is not the future. */
export function relative(at: string, now: number): string {
  const past = now - Date.parse(at)
  if (Number.isNaN(past)) return 'at an unknown time'
  if (Math.abs(past) < 10_000) return 'just now'
  return past > 0 ? `${span(past)} ago` : `in ${span(-past)}`
}

/** Dates and clocks as one reader has them: in their zone, written as they are used to. */
export interface Times {
  zone: string
  /** "03:12:04" */
  clock: (at: string) => string
  /** "03:12" */
  shortClock: (at: string) => string
  /** The day, with the year only when it is another one: "21 Nov", "21 Nov 2025". */
  day: (at: string, now: number) => string
  /** Clock today, day and clock otherwise: "03:12:04", "20 Nov, 23:58:10". */
  moment: (at: string, now: number) => string
  /** The exact time, here and in UTC, for a tool tip. */
  exact: (at: string, now: number) => string
}

/** Plain "en" stands for no country in particular: the clock has 24 hours. */
const written = (locale: string) => (locale === 'en' ? 'en-GB' : locale)

function supported(locale: string): string {
  try {
    return Intl.getCanonicalLocales(written(locale))[0] ?? 'en-GB'
  } catch {
    return 'en-GB'
  }
}

export function timesIn(wantedZone: string, locale: string): Times {
  const zone = knownZone(wantedZone)
  const format = (options: Intl.DateTimeFormatOptions) => {
    const made = new Intl.DateTimeFormat(supported(locale), { ...options, timeZone: zone })
    return (at: string) => made.format(new Date(at))
  }
  const clock = format({ hour: '2-digit', minute: '2-digit', second: '2-digit' })
  const shortClock = format({ hour: '2-digit', minute: '2-digit' })
  const date = format({ day: 'numeric', month: 'short' })
  const dated = format({ day: 'numeric', month: 'short', year: 'numeric' })
  const midnight = (instant: number) => Math.floor(wall(instant, zone) / (DAY * 1000))
  const year = (instant: number) => new Date(wall(instant, zone)).getUTCFullYear()
  const day = (at: string, now: number) => (year(Date.parse(at)) === year(now) ? date(at) : dated(at))
  const moment = (at: string, now: number) =>
    midnight(Date.parse(at)) === midnight(now) ? clock(at) : `${day(at, now)}, ${clock(at)}`
  const exact = (at: string, now: number) => `${moment(at, now)} ${zone} (${utc(at)})`
  return { zone, clock, shortClock, day, moment, exact }
}

/** The exact time in UTC. */
export const utc = (at: string): string =>
  new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC')
