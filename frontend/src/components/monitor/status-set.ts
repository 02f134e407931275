// HTTP status sets as people type them: "200-299, 301".
const PART = /^[1-5]\d\d(-[1-5]\d\d)?$/

/** The parts, or null when one of them is no status or range. */
export function readStatusSet(text: string): string[] | null {
  const parts = text
    .split(',')
    .map((part) => part.replaceAll(' ', ''))
    .filter(Boolean)
  const ordered = (part: string) => {
    const [from = '', to = from] = part.split('-')
    return from <= to
  }
  return parts.length > 0 && parts.every((part) => PART.test(part) && ordered(part)) ? parts : null
}
