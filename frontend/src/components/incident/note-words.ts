// What the analyst notes of a quote, as a label that can be read on its own; and a quote without a time said twice.

const WORDS: Record<string, string> = {
  kept: 'What is kept',
  'by whom': 'Who keeps it',
  'begun about then': 'What began about then',
  'done shortly before': 'What was done shortly before',
  'just before the trouble': 'What happened just before the trouble',
  'said at its beginning': 'The first that was said of it',
  'complained of most since then': 'What is complained of most since then',
  'said while it lasted': 'What was said while it lasted',
  'said or done at that time': 'What was said or done at that time',
  'said before the change': 'What was said before the change',
  'said of it elsewhere': 'What was said of it elsewhere',
  'said of renewing it': 'What was said of renewing it',
}

const TIMES = /^(\d+) times$/

/** "34 times" → "This was said 34 times"; one that is not known begins as a label does. */
export function noteWording(note: string): string {
  const times = TIMES.exec(note)?.[1]
  if (times) return `This was said ${times} times`
  return WORDS[note] ?? note.charAt(0).toUpperCase() + note.slice(1)
}

const STORED = String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z `
const STREAM = String.raw`(?:\[[^\]]+\] )?`
const OWN = String.raw`\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d[\d.,]*(?:Z|[+-]\d\d:?\d\d| UTC)?\]?\s+(?:- )?`
const TWICE = new RegExp(`^(${STORED}${STREAM})${OWN}`)

/** A line of a log bears the time of the store and often its own: the first is enough for reading. */
export const withOneTime = (quote: string): string => quote.replace(TWICE, '$1')
