// A line of news above content: what happened, and what can be done about it.
import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from './cx'
import { TONE, type Tone } from './tone'

const ICON: Record<Tone, typeof Info> = {
  red: CircleAlert,
  orange: TriangleAlert,
  amber: TriangleAlert,
  green: CircleCheck,
  accent: Info,
  quiet: Info,
}

interface Props {
  tone: Tone
  title?: ReactNode
  children?: ReactNode
  action?: ReactNode
  /** Below, and not announced: it may change all the time. */
  foot?: ReactNode
  /** Announced at once to screen readers. */
  urgent?: boolean
  className?: string
}

export function Banner({ tone, title, children, action, foot, urgent, className }: Props) {
  const Icon = ICON[tone]
  return (
    <div
      className={cx('flex items-start gap-2.5 rounded-md px-3 py-2.5 text-sm', TONE[tone].wash, className)}
    >
      <Icon aria-hidden className={cx('mt-0.5 size-4 shrink-0', TONE[tone].text)} />
      <div className="min-w-0 flex-1">
        <div role={urgent ? 'alert' : 'status'}>
          {title && <p className="font-medium">{title}</p>}
          {children && <div className="text-soft">{children}</div>}
        </div>
        {foot && <div className="mt-1">{foot}</div>}
      </div>
      {action}
    </div>
  )
}
