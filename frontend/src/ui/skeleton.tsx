// A placeholder of the size of what will come.
import { cx } from './cx'

export const Skeleton = ({ className }: { className?: string }) => (
  <span aria-hidden className={cx('block animate-pulse rounded bg-line/70', className)} />
)

/** Several lines of text to come; the last one is shorter. */
export const SkeletonLines = ({ lines, className }: { lines: number; className?: string }) => (
  <span className={cx('flex flex-col gap-2', className)} aria-hidden>
    {Array.from({ length: lines }, (_, n) => (
      <Skeleton key={n} className={n === lines - 1 ? 'h-4 w-3/5' : 'h-4 w-full'} />
    ))}
  </span>
)
