// One piece of evidence: what was asked, of whom, for which time, and what came back, with what is quoted marked.
import type { Evidence } from '../../api/types'
import { CopyButton } from '../../ui/copy'
import { Disclosure } from '../../ui/disclosure'
import { useNow } from '../../ui/now'
import { Facts, type Fact } from '../../ui/section'
import { Chip } from '../../ui/tag'
import { utc } from '../../ui/time'
import { useTimes } from '../../ui/times'
import { Moment } from '../../ui/when'
import { EvidenceContent } from './evidence-content'
import { MetricChart } from './metric-chart'

interface Props {
  item: Evidence
  /** When the trouble was first reported. */
  alertAt: string
  quotes: string[]
  cited: boolean
  open: boolean
  onToggle: (open: boolean) => void
}

export function EvidenceItem({ item, alertAt, quotes, cited, open, onToggle }: Props) {
  return (
    <Disclosure
      id={`evidence-${item.label}`}
      open={open}
      onToggle={onToggle}
      className="border-t border-line/60 first:border-t-0"
      summary={<Summary item={item} cited={cited} />}
    >
      {open && (
        <>
          <Origin item={item} />
          {item.kind === 'metric' && <MetricChart item={item} alertAt={alertAt} />}
          {item.content && <EvidenceContent item={item} quotes={quotes} />}
          {item.truncated && (
            <p className="mt-2 text-xs text-amber">
              Cut: the answer was longer than the size cap of this source.
            </p>
          )}
        </>
      )}
    </Disclosure>
  )
}

const Summary = ({ item, cited }: { item: Evidence; cited: boolean }) => (
  <span className="grid grid-cols-[1.75rem_minmax(0,1fr)] items-baseline gap-x-2 gap-y-0.5">
    <span className="font-mono text-xs font-medium text-accent">{item.label}</span>
    <span className="flex min-w-0 flex-wrap items-baseline gap-x-2.5 wrap-anywhere">
      <span className="font-medium">{item.title}</span>
      <span className="font-mono text-xs text-faint">{item.source}</span>
      {cited && <span className="label">cited</span>}
      {item.truncated && <Chip tone="amber">cut</Chip>}
    </span>
    {item.summary && <span className="col-start-2 wrap-anywhere text-soft">{item.summary}</span>}
  </span>
)

export function Origin({ item }: { item: Evidence }) {
  const now = useNow()
  const { clock, moment } = useTimes()
  const facts: Fact[] = [
    {
      name: 'Asked',
      value: (
        <span className="flex items-start justify-between gap-2">
          <code className="pt-0.5 font-mono text-xs wrap-anywhere">{item.query}</code>
          <CopyButton terse text={item.query} />
        </span>
      ),
    },
    {
      name: 'Answered',
      value: <Moment at={item.collected_at} className="tabular" />,
    },
  ]
  if (item.window_start && item.window_end) {
    facts.splice(1, 0, {
      name: 'Window',
      value: (
        <span className="tabular" title={`${utc(item.window_start)} to ${utc(item.window_end)}`}>
          {moment(item.window_start, now)} to {clock(item.window_end)}
        </span>
      ),
    })
  }
  return (
    <div className="mb-3">
      <Facts facts={facts} />
    </div>
  )
}
