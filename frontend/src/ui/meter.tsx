// How much of something is used, as a bar.
import { cx } from './cx'
import { TONE, type Tone } from './tone'

interface Props {
  /** What it measures, for those who do not see it. */
  label: string
  value: number
  max: number
  says: string
  tone: Tone
}

export function Meter({ label, value, max, says, tone }: Props) {
  const share = value <= 0 ? 0 : Math.min(value / max, 1)
  return (
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuenow={Math.min(value, max)}
      aria-valuetext={says}
      className="h-2 overflow-hidden rounded-full bg-line"
    >
      <div className={cx('h-full', TONE[tone].dot)} style={{ width: `${share * 100}%` }} />
    </div>
  )
}
