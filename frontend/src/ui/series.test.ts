// Whoever cannot see the chart reads the same in the table.
import { describe, expect, it } from 'vitest'
import { rowsOf } from './series'
import type { Chart, Point } from './sparkline'

const chart = (points: Point[], change: Partial<Chart> = {}): Chart => ({
  series: [{ name: 'x', points }],
  unit: '',
  changeAt: null,
  alertAt: null,
  limit: null,
  ...change,
})
const many = Array.from({ length: 1000 }, (_, n): Point => [n, n % 3 === 0 ? null : n])

describe('rowsOf', () => {
  it('is empty without a point', () => expect(rowsOf(chart([]), 20)).toEqual([]))

  it('keeps the first, the last and the moments that matter of a long series', () => {
    const rows = rowsOf(chart(many, { changeAt: 501.4, alertAt: 777 }), 20)
    expect(rows.length).toBeLessThan(25)
    expect(rows[0]?.at).toBe(0)
    expect(rows.at(-1)?.at).toBe(999)
    expect(rows.filter(({ marks }) => marks.length > 0).map(({ at, marks }) => [at, ...marks])).toEqual([
      [501, 'changed'],
      [777, 'alert'],
    ])
  })

  it('marks nothing for a moment outside of what was measured', () => {
    expect(rowsOf(chart(many, { changeAt: -5, alertAt: 2000 }), 20).flatMap(({ marks }) => marks)).toEqual([])
  })

  it('shows where one of several series has no value', () => {
    const two = {
      ...chart([]),
      series: [
        { name: 'a', points: [[1, 5]] as Point[] },
        { name: 'b', points: [[2, 6]] as Point[] },
      ],
    }
    expect(rowsOf(two, 20).map(({ values }) => values)).toEqual([
      [5, null],
      [null, 6],
    ])
  })
})
