// Small marks of an incident: severity bars, status, confidence.
import type { Confidence, IncidentStatus, Severity } from '../../api/types'
import { cx } from '../../ui/cx'
import { Dot } from '../../ui/tag'
import { TONE } from '../../ui/tone'
import { CONFIDENCE, SEVERITY, STATUS } from './words'

/** Height says as much as colour, so it reads without colour, too. */
export function SeverityMark({ severity, labelled }: { severity: Severity; labelled?: boolean }) {
  const { label, tone, bars } = SEVERITY[severity]
  return (
    <span
      className={cx('inline-flex h-5 items-center gap-1.5 self-start font-medium', TONE[tone].text)}
      title={`${label} severity`}
    >
      <span aria-hidden className="flex h-3 items-end gap-[2px]">
        {[1, 2, 3, 4].map((n) => (
          <span
            key={n}
            style={{ height: `${n * 25}%` }}
            className={cx('w-[3px] rounded-[1px]', n <= bars ? TONE[tone].dot : 'bg-edge/35')}
          />
        ))}
      </span>
      <span className={labelled ? undefined : 'sr-only'}>{label}</span>
    </span>
  )
}

interface StatusProps {
  status: IncidentStatus
  /** Another one took it over: it has not ended, it goes on there. */
  merged?: boolean
}

export const StatusMark = ({ status, merged }: StatusProps) =>
  merged ? (
    <Dot tone="quiet">Merged</Dot>
  ) : (
    <Dot tone={STATUS[status].tone} live={STATUS[status].working}>
      {STATUS[status].label}
    </Dot>
  )

export function ConfidenceMark({ confidence }: { confidence: Confidence }) {
  const { label, tone, filled } = CONFIDENCE[confidence]
  return (
    <span className={cx('inline-flex items-center gap-1.5 font-medium', TONE[tone].text)}>
      <span aria-hidden className="flex gap-[3px]">
        {[1, 2, 3].map((n) => (
          <span
            key={n}
            className={cx('size-2 rounded-full border border-current', n <= filled && 'bg-current')}
          />
        ))}
      </span>
      {label}
    </span>
  )
}
