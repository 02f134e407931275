// Small marks: a toned label with its dot, a neutral chip, a key cap.
import type { ReactNode } from 'react'
import { cx } from './cx'
import { TONE, type Tone } from './tone'

interface DotProps {
  tone: Tone
  live?: boolean
  children: ReactNode
  className?: string
}

export const Dot = ({ tone, live, children, className }: DotProps) => (
  <span className={cx('inline-flex items-baseline gap-1.5 whitespace-nowrap', TONE[tone].text, className)}>
    <span
      aria-hidden
      className={cx('size-1.5 shrink-0 self-center rounded-full', TONE[tone].dot, live && 'breathe')}
    />
    {children}
  </span>
)

interface ChipProps {
  tone?: Tone
  children: ReactNode
  title?: string
}

export const Chip = ({ tone = 'quiet', children, title }: ChipProps) => (
  <span
    title={title}
    className={cx(
      'inline-flex h-5 items-center gap-1 rounded px-1.5 text-xs font-medium whitespace-nowrap',
      TONE[tone].wash,
      TONE[tone].text,
    )}
  >
    {children}
  </span>
)

export const Kbd = ({ children }: { children: ReactNode }) => (
  <kbd className="inline-grid h-5 min-w-5 place-items-center rounded border border-edge/50 bg-surface px-1 font-sans text-2xs text-soft max-md:hidden pointer-coarse:hidden">
    {children}
  </kbd>
)
