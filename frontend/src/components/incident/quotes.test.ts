// A quote is marked where it stands, and only there.
import { describe, expect, it } from 'vitest'
import { contains, excerpt, highlight } from './quotes'

const marked = (content: string, quotes: string[]) =>
  highlight(content, quotes).flatMap((line) => line.segments.filter((s) => s.quoted).map((s) => s.text))

describe('highlight', () => {
  it('marks the quote inside its line and keeps every character', () => {
    const lines = highlight('a\nxx error 5 yy\nb', ['error 5'])
    expect(lines[1]?.segments).toEqual([
      { text: 'xx ', quoted: false },
      { text: 'error 5', quoted: true },
      { text: ' yy', quoted: false },
    ])
    expect(lines.map((line) => line.segments.map((s) => s.text).join(''))).toEqual([
      'a',
      'xx error 5 yy',
      'b',
    ])
  })

  it('marks every place where it stands', () => {
    expect(marked('x\nx\nx', ['x'])).toHaveLength(3)
  })

  it('allows other white space, also over a line break', () => {
    expect(marked('at  Order.open(\n    Order.java:88)', ['at Order.open( Order.java:88)'])).toEqual([
      'at  Order.open(',
      '    Order.java:88)',
    ])
  })

  it('takes the characters of a pattern literally', () => {
    expect(marked('a.b (c)* [d]', ['(c)* [d]'])).toEqual(['(c)* [d]'])
    expect(marked('axb', ['a.b'])).toEqual([])
  })

  it('joins quotes that overlap', () => {
    expect(marked('one two three', ['one two', 'two three'])).toEqual(['one two three'])
  })

  it('an empty quote marks nothing, and never runs for ever', () => {
    expect(marked('text', ['', '  '])).toEqual([])
    expect(contains('text', ' ')).toBe(false)
  })

  it('keeps line numbers in long texts', () => {
    const content = Array.from({ length: 20_000 }, (_, n) => `line ${n + 1}`).join('\n')
    const quoted = highlight(content, ['line 19999']).filter((line) => line.quoted)
    expect(quoted.map((line) => line.number)).toEqual([19_999])
  })
})

describe('excerpt', () => {
  const lines = highlight(Array.from({ length: 40 }, (_, n) => `line ${n + 1}.`).join('\n'), ['line 20.'])

  it('shows the lines around the quote and says what it leaves out', () => {
    const [before, shown, after] = excerpt(lines, 2, 5)
    expect(before).toEqual({ kind: 'gap', from: 1, to: 17 })
    expect(shown?.kind === 'lines' && shown.lines.map((line) => line.number)).toEqual([18, 19, 20, 21, 22])
    expect(after).toEqual({ kind: 'gap', from: 23, to: 40 })
  })

  it('shows the beginning when nothing is quoted', () => {
    const plain = highlight('1\n2\n3\n4', [])
    expect(excerpt(plain, 2, 2)).toMatchObject([{ kind: 'lines' }, { kind: 'gap', from: 3, to: 4 }])
  })

  it('does not put a gap in the place of a single line', () => {
    const short = highlight('quote\na', ['quote'])
    expect(excerpt(short, 0, 1).every((block) => block.kind === 'lines')).toBe(true)
  })
})
