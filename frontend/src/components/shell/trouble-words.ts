// What is not up to date on the page, and why, in few words.
import { isRefusal, troubleOf } from '../../api/problem'
import type { Trouble } from '../trouble'

export interface Words {
  title: string
  says: string
  /** When it was last tried. */
  last: number
}

const MOST_NAMES = 3

const named = (troubles: Trouble[]): string[] => [...new Set(troubles.flatMap(({ what }) => what ?? []))]

/** "a", "a and b", "a, b and c" */
const listed = (names: string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`

function oldWords(names: string[], since: string): string {
  const of = names.length > MOST_NAMES ? '' : ` of the ${listed(names)}`
  return `What you see${of} is from ${since}.`
}

const missingWords = (names: string[]): string =>
  names.length > MOST_NAMES
    ? `${names.length} parts of the page could not be loaded.`
    : `The ${listed(names)} could not be loaded.`

/** Null when there is nothing to say, or the page says it in its middle. `moment` words a time. */
export function troubleWords(troubles: Trouble[], moment: (at: number) => string): Words | null {
  // That nobody answers explains the rest.
  const gravest = troubles.find(({ error }) => !isRefusal(error)) ?? troubles[0]
  if (!gravest || troubles.some(({ told }) => told)) return null
  const old = troubles.filter(({ what, shownFrom }) => what !== null && shownFrom !== null)
  const since = Math.min(...old.map(({ shownFrom }) => shownFrom ?? Infinity))
  const missing = named(troubles.filter(({ shownFrom }) => shownFrom === null))
  const says = [
    old.length > 0 && oldWords(named(old), moment(since)),
    missing.length > 0 && missingWords(missing),
  ].filter(Boolean)
  return {
    title: troubleOf(gravest.error),
    says: says.join(' ') || 'What you see may be out of date.',
    last: Math.max(...troubles.map(({ triedAt }) => triedAt)),
  }
}
