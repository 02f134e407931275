// The agent's JSON is taken as it comes; what does not fit is left out.
import { describe, expect, it } from 'vitest'
import { chartOf } from './metric-chart'

describe('chartOf', () => {
  it('reads series, unit, limit and the moment of change', () => {
    const chart = chartOf({
      series: [{ labels: { __name__: 'up', pod: 'a' }, points: [[10, 1], [20, 'NaN'], ['x', 3], 7] }],
      unit: 'bytes',
      limit: 5,
      change_at: 15,
    })
    expect(chart).toEqual({
      series: [
        {
          name: 'pod=a',
          points: [
            [10, 1],
            [20, null],
          ],
        },
      ],
      unit: 'bytes',
      limit: 5,
      changeAt: 15,
      alertAt: null,
    })
  })

  it.each([{}, { series: 'no' }, { series: [null, 5] }, { series: [{ points: null }] }])(
    'survives %j',
    (data) => {
      expect(chartOf(data).series.every((series) => series.points.length === 0)).toBe(true)
    },
  )
})
