// A chart as rows of a table: few enough to read, and none of the moments that matter left out.
import type { Chart } from './sparkline'

export interface SeriesRow {
  /** Seconds since 1970. */
  at: number
  /** One per series; null: nothing was measured then. */
  values: (number | null)[]
  marks: ('changed' | 'alert')[]
}

const MOST_SERIES = 4

function nearest(times: number[], moment: number | null): number | null {
  const [first, last] = [times[0], times.at(-1)]
  if (moment === null || first === undefined || last === undefined) return null
  if (moment < first || moment > last) return null
  return times.reduce((best, at) => (Math.abs(at - moment) < Math.abs(best - moment) ? at : best))
}

/** Evenly chosen rows, at most about `most`, with those nearest to the change and the alert always among them. */
export function rowsOf(chart: Chart, most: number): SeriesRow[] {
  const series = chart.series.slice(0, MOST_SERIES).map(({ points }) => new Map(points))
  const times = [...new Set(series.flatMap((points) => [...points.keys()]))].sort((a, b) => a - b)
  const changed = nearest(times, chart.changeAt)
  const alert = nearest(times, chart.alertAt)
  const step = Math.ceil(times.length / most)
  const kept = times.filter(
    (at, n) => n % step === 0 || n === times.length - 1 || at === changed || at === alert,
  )
  return kept.map((at) => ({
    at,
    values: series.map((points) => points.get(at) ?? null),
    marks: [...(at === changed ? ['changed' as const] : []), ...(at === alert ? ['alert' as const] : [])],
  }))
}
