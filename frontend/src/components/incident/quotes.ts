// Finds quoted lines in their evidence. A quote may differ from the text in white space only.

export interface Segment {
  text: string
  quoted: boolean
}

export interface Line {
  number: number
  segments: Segment[]
  quoted: boolean
}

export type Block = { kind: 'lines'; lines: Line[] } | { kind: 'gap'; from: number; to: number }

const SPECIAL = /[.*+?^${}()|[\]\\]/g

function pattern(quote: string): RegExp | null {
  const words = quote.trim().split(/\s+/).filter(Boolean)
  if (words.length === 0) return null
  return new RegExp(words.map((word) => word.replace(SPECIAL, '\\$&')).join('\\s+'), 'g')
}

type Range = [start: number, end: number]

function ranges(content: string, quotes: string[]): Range[] {
  const found: Range[] = []
  for (const quote of quotes) {
    const search = pattern(quote)
    if (!search) continue
    for (const match of content.matchAll(search)) found.push([match.index, match.index + match[0].length])
  }
  return merged(found)
}

function merged(found: Range[]): Range[] {
  const result: Range[] = []
  for (const [start, end] of found.sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1)
    if (last && start <= last[1]) last[1] = Math.max(last[1], end)
    else result.push([start, end])
  }
  return result
}

function cut(text: string, offset: number, marks: Range[]): Segment[] {
  const segments: Segment[] = []
  let at = 0
  for (const [start, end] of marks) {
    const from = Math.max(start - offset, at)
    const to = Math.min(end - offset, text.length)
    if (to <= from) continue
    if (from > at) segments.push({ text: text.slice(at, from), quoted: false })
    segments.push({ text: text.slice(from, to), quoted: true })
    at = to
  }
  if (at < text.length || segments.length === 0) segments.push({ text: text.slice(at), quoted: false })
  return segments
}

/** The content line by line, with what is quoted marked. */
export function highlight(content: string, quotes: string[]): Line[] {
  const marks = ranges(content, quotes)
  let offset = 0
  let first = 0
  return content.split('\n').map((text, index) => {
    const end = offset + text.length
    while (first < marks.length && (marks[first]?.[1] ?? 0) <= offset) first++
    const near: Range[] = []
    for (let n = first; n < marks.length; n++) {
      const mark = marks[n]
      if (!mark || mark[0] >= end) break
      near.push(mark)
    }
    const segments = cut(text, offset, near)
    offset = end + 1
    return { number: index + 1, segments, quoted: segments.some((segment) => segment.quoted) }
  })
}

/** Only the lines near a quote (or the first ones when nothing is quoted), with gaps that say what they hide. */
export function excerpt(lines: Line[], around: number, head: number): Block[] {
  const keep = new Set<number>()
  lines.forEach((line, index) => {
    if (!line.quoted) return
    for (let n = index - around; n <= index + around; n++) if (n >= 0 && n < lines.length) keep.add(n)
  })
  if (keep.size === 0) for (let n = 0; n < Math.min(head, lines.length); n++) keep.add(n)
  return blocks(lines, keep)
}

function blocks(lines: Line[], keep: Set<number>): Block[] {
  const result: Block[] = []
  lines.forEach((line, index) => {
    const last = result.at(-1)
    if (keep.has(index)) {
      if (last?.kind === 'lines') last.lines.push(line)
      else result.push({ kind: 'lines', lines: [line] })
    } else if (last?.kind === 'gap') last.to = line.number
    else result.push({ kind: 'gap', from: line.number, to: line.number })
  })
  // A gap of one line takes more room than the line itself.
  return result.flatMap((block) => {
    const only = block.kind === 'gap' && block.from === block.to ? lines[block.from - 1] : undefined
    return only ? [{ kind: 'lines' as const, lines: [only] }] : [block]
  })
}

/** Is the quote really in the content? The server has checked; the page does not take its word for the highlight. */
export const contains = (content: string, quote: string): boolean => pattern(quote)?.test(content) ?? false
