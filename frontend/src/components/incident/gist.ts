// The first words of a finding: what is read at a glance, set apart from what was read out of logs to prove it.

export interface Gist {
  head: string
  /** What follows; empty when all of it is short. */
  rest: string
}

/** As much as is read at a glance. */
const GLANCE = 120
const FEWEST_WORDS = 3

const SENTENCE = /[.!?…](?=\s+\p{Lu})|\n/gu
const CLAUSE = /[:;](?=\s)|\s(?=\()|\s[—–]\s/gu

const words = (text: string) => text.split(/\s+/).filter(Boolean).length

/** Up to the first of these ends behind which there is something said. */
function upTo(end: RegExp, text: string): number | null {
  for (const { index } of text.matchAll(end)) if (words(text.slice(0, index)) >= FEWEST_WORDS) return index
  return null
}

/** It stands by itself now. What is no plain word, a name or a path, keeps its letters. */
const begun = (rest: string) => rest.replace(/^\p{Ll}(?=\p{Ll}* )/u, (letter) => letter.toUpperCase())

/** The first sentence, or the first clause of one that is long. */
export function gist(text: string): Gist {
  const whole = text.trim()
  if (whole.length <= GLANCE) return { head: whole, rest: '' }
  const sentence = upTo(SENTENCE, whole)
  const at = sentence !== null && sentence <= GLANCE ? sentence : (upTo(CLAUSE, whole) ?? sentence)
  if (at === null) return { head: whole, rest: '' }
  return { head: whole.slice(0, at).trim(), rest: begun(whole.slice(at).replace(/^[\s.:;!?…—–]+/u, '')) }
}

/** The short form for a list: no more than the first words. */
export const inShort = (text: string): string => gist(text).head
