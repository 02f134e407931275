// The numbers of a chart as a table, for whoever cannot see the chart or wants them exactly.
import { Disclosure } from './disclosure'
import { rowsOf } from './series'
import { quantity, type Chart } from './sparkline'
import { useTimes } from './times'

const MOST_ROWS = 40

const MARK = { changed: 'changed here', alert: 'alert' } as const

export function SeriesTable({ chart }: { chart: Chart }) {
  const { clock } = useTimes()
  const rows = rowsOf(chart, MOST_ROWS)
  if (rows.length === 0) return null
  const names = chart.series.slice(0, rows[0]?.values.length)
  return (
    <Disclosure className="mt-1" summary={<span className="label">As a table</span>}>
      <div
        className="relative max-h-72 overflow-auto"
        tabIndex={0}
        role="region"
        aria-label="Values of the chart"
      >
        <table className="w-full text-left text-xs tabular">
          <thead>
            <tr className="label">
              <th scope="col" className="pr-4 font-normal">
                Time
              </th>
              {names.map(({ name }, n) => (
                <th key={n} scope="col" className="pr-4 font-normal wrap-anywhere">
                  {name}
                </th>
              ))}
              <th scope="col" className="font-normal">
                <span className="sr-only">What happened</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ at, values, marks }) => (
              <tr key={at} className="border-t border-line/60">
                <th scope="row" className="py-1 pr-4 font-normal">
                  {clock(new Date(at * 1000).toISOString())}
                </th>
                {values.map((value, n) => (
                  <td key={n} className="py-1 pr-4">
                    {value === null ? 'no value' : quantity(value, chart.unit)}
                  </td>
                ))}
                <td className="py-1 text-amber">{marks.map((mark) => MARK[mark]).join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Disclosure>
  )
}
