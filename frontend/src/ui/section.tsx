// A titled part of a page, set off by a hairline.
import { useId, type ReactNode } from 'react'
import { cx } from './cx'

interface Props {
  title: ReactNode
  aside?: ReactNode
  className?: string
  id?: string
  /** Rows follow that bring their own space. */
  tight?: boolean
  children: ReactNode
}

export function Section({ title, aside, className, id, tight, children }: Props) {
  const heading = useId()
  return (
    <section id={id} aria-labelledby={heading} className={cx('border-t pt-3 pb-7', className)}>
      <div className={cx('flex min-h-6 items-baseline justify-between gap-3', !tight && 'mb-3')}>
        <h2 id={heading} className="text-sm font-semibold text-soft">
          {title}
        </h2>
        {aside && <div className="label">{aside}</div>}
      </div>
      {children}
    </section>
  )
}

export interface Fact {
  name: string
  value: ReactNode
}

/** Names and values as a system said them. */
export function Facts({ facts, narrow }: { facts: Fact[]; narrow?: boolean }) {
  return (
    <dl
      className={cx(
        'grid gap-x-3 gap-y-1.5 md:gap-x-4',
        narrow ? 'grid-cols-[6.5rem_1fr]' : 'grid-cols-[4.5rem_1fr] md:grid-cols-[5.25rem_1fr]',
      )}
    >
      {facts.map((fact) => (
        <div key={fact.name} className="contents">
          <dt className="pt-px label">{fact.name}</dt>
          <dd className="min-w-0 text-sm wrap-anywhere">{fact.value}</dd>
        </div>
      ))}
    </dl>
  )
}
