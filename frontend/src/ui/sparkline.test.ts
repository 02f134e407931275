// A chart never draws what was not measured.
import { describe, expect, it } from 'vitest'
import { pathOf, quantity, scaleOf, type Chart, type Point } from './sparkline'

const chart = (points: Point[], change: Partial<Chart> = {}): Chart => ({
  series: [{ name: 'x', points }],
  unit: '',
  changeAt: null,
  alertAt: null,
  limit: null,
  ...change,
})

describe('scaleOf', () => {
  it('has no scale without a single finite value', () => {
    expect(scaleOf(chart([]))).toBeNull()
    expect(
      scaleOf(
        chart([
          [1, null],
          [2, Number.NaN],
        ]),
      ),
    ).toBeNull()
  })

  it('keeps a limit above the values in view, and the maximum honest', () => {
    const scale = scaleOf(
      chart(
        [
          [0, 1],
          [10, 4],
        ],
        { limit: 8 },
      ),
    )
    expect(scale?.max).toBe(4)
    expect(scale?.y(8)).toBeLessThan(scale?.y(4) ?? 0)
  })

  it('survives one point and a flat line', () => {
    const scale = scaleOf(chart([[5, 0]]))
    expect(Number.isFinite(scale?.x(5))).toBe(true)
    expect(Number.isFinite(scale?.y(0))).toBe(true)
  })

  it('survives more points than a call has room for arguments', () => {
    const many = Array.from({ length: 300_000 }, (_, n): Point => [n, n % 7])
    expect(scaleOf(chart(many))?.max).toBe(6)
  })
})

describe('pathOf', () => {
  it('lifts the pen over a gap', () => {
    const points: Point[] = [
      [0, 1],
      [1, 2],
      [2, null],
      [3, 2],
      [4, 1],
    ]
    const scale = scaleOf(chart(points))
    expect(scale && pathOf(points, scale).match(/M/g)).toHaveLength(2)
  })
})

describe('quantity', () => {
  it.each([
    [1_610_612_736, 'bytes', '1.5 GiB'],
    [0, 'bytes', '0 B'],
    [0.9234, '', '0.923'],
    [12_345, 'ms', '12,345 ms'],
  ])('%d %s reads "%s"', (value, unit, words) => expect(quantity(value, unit)).toBe(words))
})
