// Metric evidence as a chart. The data is the agent's JSON: what does not fit is left out, never drawn wrong.
import type { Evidence } from '../../api/types'
import { SeriesTable } from '../../ui/series-table'
import { Sparkline, type Chart, type Point } from '../../ui/sparkline'

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
const list = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : [])
const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null

function point(value: unknown): Point[] {
  const [at, reading] = list(value)
  const seconds = number(at)
  return seconds === null ? [] : [[seconds, number(reading)]]
}

function seriesName(labels: unknown): string {
  const pairs = Object.entries(record(labels)).filter(([name]) => name !== '__name__')
  return pairs.map(([name, value]) => `${name}=${String(value)}`).join(', ') || 'value'
}

export function chartOf(data: Evidence['data']): Chart {
  return {
    series: list(data.series).map((series) => ({
      name: seriesName(record(series).labels),
      points: list(record(series).points).flatMap(point),
    })),
    unit: typeof data.unit === 'string' ? data.unit : '',
    changeAt: number(data.change_at),
    alertAt: null,
    limit: number(data.limit),
  }
}

export function MetricChart({ item, alertAt }: { item: Evidence; alertAt: string }) {
  const chart = { ...chartOf(item.data), alertAt: Date.parse(alertAt) / 1000 }
  if (chart.series.length === 0) return null
  return (
    <div className="mb-3">
      <Sparkline chart={chart} label={`${item.title}. ${item.summary}`} />
      <SeriesTable chart={chart} />
    </div>
  )
}
