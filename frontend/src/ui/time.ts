// How times and spans read. `now` is always an argument.

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

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const SHORT = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const YEAR = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })

/** Local wall clock: "03:12:04". */
export const clock = (at: string): string => CLOCK.format(new Date(at))
export const shortClock = (at: string): string => SHORT.format(new Date(at))

/** The day, with the year only when it is another one: "21 Nov", "21 Nov 2025". */
export function day(at: string, now: number): string {
  const date = new Date(at)
  return date.getFullYear() === new Date(now).getFullYear() ? DATE.format(date) : YEAR.format(date)
}

/** Clock today, day and clock otherwise: "03:12:04", "20 Nov, 23:58:10". */
export function moment(at: string, now: number): string {
  const today = new Date(at).toDateString() === new Date(now).toDateString()
  return today ? clock(at) : `${day(at, now)}, ${clock(at)}`
}

/** For a tool tip: the exact time in UTC. */
export const utc = (at: string): string =>
  new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC')
