// What the model cost, month by month.
import type { UsageMonth } from '../../api/types'
import { Section } from '../../ui/section'
import { dollars, monthName, tokens } from './words'

export function Months({ months }: { months: UsageMonth[] }) {
  const most = Math.max(...months.map(({ cost_usd }) => cost_usd))
  return (
    <Section title="Months before">
      {months.length === 0 ? (
        <p className="text-sm text-soft">The model was not asked in any month before.</p>
      ) : (
        <table className="w-full max-w-3xl text-sm tabular">
          <thead>
            <tr className="text-right label">
              <th className="py-1.5 text-left font-normal">Month (UTC)</th>
              <th className="py-1.5 font-normal">Calls</th>
              <th className="py-1.5 font-normal max-sm:hidden">Tokens in</th>
              <th className="py-1.5 font-normal max-sm:hidden">Tokens out</th>
              <th className="py-1.5 font-normal">Cost</th>
              <th className="w-1/4 max-md:hidden">
                <span className="sr-only">Compared</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {months.map((month) => (
              <Row key={month.month} month={month} share={most > 0 ? month.cost_usd / most : 0} />
            ))}
          </tbody>
        </table>
      )}
      {months.some(({ estimated }) => estimated) && <p className="mt-2 label">≈ {ESTIMATED}</p>}
    </Section>
  )
}

const Row = ({ month, share }: { month: UsageMonth; share: number }) => (
  <tr className="border-t text-right">
    <th scope="row" className="py-1.5 text-left font-normal">
      {monthName(month.month)}
    </th>
    <td>{month.calls.toLocaleString('en-US')}</td>
    <td className="max-sm:hidden">{tokens(month.tokens_in)}</td>
    <td className="max-sm:hidden">{tokens(month.tokens_out)}</td>
    <td className="font-medium">
      {month.estimated && '≈ '}
      {dollars(month.cost_usd)}
    </td>
    <td className="pl-4 max-md:hidden">
      <span
        aria-hidden
        className="block h-2 min-w-px rounded-full bg-accent"
        style={{ width: `${share * 100}%` }}
      />
    </td>
  </tr>
)

export const ESTIMATED =
  'Partly an estimate, from lengths: calls under way, or that the endpoint did not count.'
