// One quote: the evidence it is from, and who said it, of which time, asked how.
import type { Evidence } from '../../api/types'
import { utc } from '../../ui/time'
import { useTimes } from '../../ui/times'
import { Moment } from '../../ui/when'

interface LinkProps {
  label: string
  onShow: (label: string) => void
}

export const EvidenceLink = ({ label, onShow }: LinkProps) => (
  <button
    type="button"
    onClick={() => onShow(label)}
    title={`Show ${label} in full`}
    className="h-6 justify-self-start rounded font-mono text-xs font-medium text-accent hover:bg-accent-wash pointer-coarse:h-8"
  >
    {label}
  </button>
)

/** Who said it, of which time, and the exact question. */
export const QuoteOrigin = ({ item }: { item: Evidence | undefined }) =>
  item && (
    <p className="mt-1 flex min-w-0 flex-wrap items-baseline gap-x-2 label">
      <span className="font-mono">{item.source}</span>
      <Window item={item} />
      <code className="max-w-full min-w-0 truncate font-mono" title={item.query}>
        {item.query}
      </code>
    </p>
  )

/** The time that was asked about; what has none is as it was when it was asked. */
function Window({ item }: { item: Evidence }) {
  const { clock } = useTimes()
  if (!item.window_start || !item.window_end) return <Moment at={item.collected_at} className="tabular" />
  return (
    <span className="tabular" title={`${utc(item.window_start)} to ${utc(item.window_end)}`}>
      <Moment at={item.window_start} /> to {clock(item.window_end)}
    </span>
  )
}
