// How long a proposal can still be decided.
import { cx } from '../../ui/cx'
import { useSecond } from '../../ui/now'
import { countdown } from '../../ui/time'
import { useTimes } from '../../ui/times'

const SOON_MS = 120_000

export function Expiry({ at, className }: { at: string; className?: string }) {
  const now = useSecond()
  const { exact } = useTimes()
  const left = Date.parse(at) - now
  if (left <= 0) return <span className={cx('text-red', className)}>expired</span>
  return (
    <span
      title={exact(at, now)}
      className={cx('tabular', left < SOON_MS ? 'text-red' : 'text-soft', className)}
    >
      expires in {countdown(left)}
    </span>
  )
}
