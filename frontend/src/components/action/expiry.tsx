// How long a proposal can still be decided.
import { cx } from '../../ui/cx'
import { useSecond } from '../../ui/now'
import { countdown, utc } from '../../ui/time'

const SOON_MS = 120_000

export function Expiry({ at, className }: { at: string; className?: string }) {
  const left = Date.parse(at) - useSecond()
  if (left <= 0) return <span className={cx('text-red', className)}>expired</span>
  return (
    <span title={utc(at)} className={cx('tabular', left < SOON_MS ? 'text-red' : 'text-soft', className)}>
      expires in {countdown(left)}
    </span>
  )
}
