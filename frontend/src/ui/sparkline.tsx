// A small chart of one or a few series, with its limit, the moment of change, the alert, and what the axes end at.
import { useId } from 'react'
import { useTimes } from './times'

export type Point = [seconds: number, value: number | null]

export interface Chart {
  series: { name: string; points: Point[] }[]
  unit: string
  changeAt: number | null
  /** When the trouble was reported. */
  alertAt: number | null
  limit: number | null
}

const WIDTH = 640
const HEIGHT = 96
const STROKES = ['text-accent', 'text-orange', 'text-green', 'text-faint']

export interface Scale {
  x: (seconds: number) => number
  y: (value: number) => number
  from: number
  to: number
  /** The highest value seen; the limit may lie above it. */
  max: number
}

const finite = (point: Point): point is [number, number] => point[1] !== null && Number.isFinite(point[1])

// Not Math.min(...values): a long series would overflow the stack.
const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b))
const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b))

export function scaleOf(chart: Chart): Scale | null {
  const points = chart.series.flatMap((series) => series.points.filter(finite))
  if (points.length === 0) return null
  const times = points.map((point) => point[0])
  const values = points.map((point) => point[1])
  const [from, to] = [least(times), most(times)]
  const max = most(values)
  const low = Math.min(0, least(values))
  const top = Math.max(max, chart.limit ?? max)
  const high = top === low ? low + 1 : top
  const x = (seconds: number) => (to === from ? WIDTH / 2 : ((seconds - from) / (to - from)) * WIDTH)
  const y = (value: number) => HEIGHT - 4 - ((value - low) / (high - low)) * (HEIGHT - 10)
  return { x, y, from, to, max }
}

/** An SVG path that lifts the pen where a value is missing. */
export function pathOf(points: Point[], scale: Scale): string {
  let pen = false
  let path = ''
  for (const point of points) {
    if (!finite(point)) {
      pen = false
      continue
    }
    path += `${pen ? 'L' : 'M'}${scale.x(point[0]).toFixed(1)} ${scale.y(point[1]).toFixed(1)}`
    pen = true
  }
  return path
}

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** "1.5 GiB", "0.92", "12.3 %", "340 ms". */
export function quantity(value: number, unit: string): string {
  if (unit === 'bytes') {
    const power = Math.min(Math.floor(Math.log2(Math.max(Math.abs(value), 1)) / 10), BINARY.length - 1)
    return `${trim(value / 1024 ** power)} ${BINARY[power] ?? 'B'}`
  }
  return unit ? `${trim(value)} ${unit}` : trim(value)
}

const trim = (value: number): string =>
  Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))

const iso = (seconds: number) => new Date(seconds * 1000).toISOString()

const within = (at: number | null, { from, to }: Scale): at is number => at !== null && at >= from && at <= to

export function Sparkline({ chart, label }: { chart: Chart; label: string }) {
  const title = useId()
  const scale = scaleOf(chart)
  if (!scale) return <p className="label">The series has no values in this window.</p>
  return (
    <figure className="min-w-0">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-labelledby={title}
        className="block h-24 w-full overflow-visible"
      >
        <title id={title}>{label}</title>
        <line
          x1="0"
          x2={WIDTH}
          y1={HEIGHT - 4}
          y2={HEIGHT - 4}
          className="stroke-line"
          vectorEffect="non-scaling-stroke"
        />
        {chart.limit !== null && <Rule y={scale.y(chart.limit)} />}
        {within(chart.alertAt, scale) && <Upright x={scale.x(chart.alertAt)} className="stroke-red" dashed />}
        {within(chart.changeAt, scale) && <Upright x={scale.x(chart.changeAt)} className="stroke-amber" />}
        {chart.series.map((series, n) => (
          <path
            key={n}
            d={pathOf(series.points, scale)}
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
            strokeLinejoin="round"
            vectorEffect="non-scaling-stroke"
            className={STROKES[n % STROKES.length]}
          />
        ))}
      </svg>
      <Caption chart={chart} scale={scale} />
    </figure>
  )
}

const Rule = ({ y }: { y: number }) => (
  <line
    x1="0"
    x2={WIDTH}
    y1={y}
    y2={y}
    className="stroke-red"
    strokeDasharray="4 4"
    vectorEffect="non-scaling-stroke"
  />
)

const Upright = ({ x, className, dashed }: { x: number; className: string; dashed?: boolean }) => (
  <line
    x1={x}
    x2={x}
    y1="0"
    y2={HEIGHT}
    className={className}
    strokeWidth="1.5"
    {...(dashed ? { strokeDasharray: '2 3' } : {})}
    vectorEffect="non-scaling-stroke"
  />
)

function Caption({ chart, scale }: { chart: Chart; scale: Scale }) {
  const { shortClock } = useTimes()
  return (
    <figcaption className="mt-1 label tabular">
      <span className="flex justify-between gap-4">
        <span>{shortClock(iso(scale.from))}</span>
        <span>{shortClock(iso(scale.to))}</span>
      </span>
      <span className="flex flex-wrap gap-x-4">
        <span>max {quantity(scale.max, chart.unit)}</span>
        {chart.limit !== null && (
          <span className="text-red">
            <span aria-hidden>╌ </span>limit {quantity(chart.limit, chart.unit)}
          </span>
        )}
        {within(chart.changeAt, scale) && (
          <span className="text-amber">
            <span aria-hidden>┃ </span>changed {shortClock(iso(chart.changeAt))}
          </span>
        )}
        {within(chart.alertAt, scale) && (
          <span className="text-red">
            <span aria-hidden>┊ </span>alert {shortClock(iso(chart.alertAt))}
          </span>
        )}
        {chart.series.length > 1 && <Legend chart={chart} />}
      </span>
    </figcaption>
  )
}

const Legend = ({ chart }: { chart: Chart }) =>
  chart.series.slice(0, STROKES.length).map((series, n) => (
    <span key={n} className={STROKES[n]}>
      {series.name}
    </span>
  ))
