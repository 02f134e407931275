// What every page begins with, and what it shows when its data cannot be had.
import type { ReactNode } from 'react'
import { isRefusal, wording } from '../api/problem'
import { Banner } from '../ui/banner'
import { Button } from '../ui/button'

interface HeadProps {
  title: string
  says?: ReactNode
  action?: ReactNode
}

export const PageHead = ({ title, says, action }: HeadProps) => (
  <header className="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
    <div className="min-w-0">
      <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
      {says && <p className="mt-0.5 max-w-2xl text-sm text-pretty text-soft">{says}</p>}
    </div>
    {action}
  </header>
)

/** `stale`: something older is still shown below. */
interface LoadErrorProps {
  error: Error
  retry: () => void
  stale?: boolean
  /** What it is that failed, where that is not all of the page or its section. */
  what?: string
}

export function LoadError({ error, retry, stale, what = 'This' }: LoadErrorProps) {
  const foreign = isRefusal(error) && (error.status === 404 || error.status === 403)
  return (
    <Banner
      tone={stale ? 'amber' : 'red'}
      urgent
      className="mb-4"
      title={`${what} could not be ${stale ? 'refreshed' : 'loaded'}`}
      action={
        !foreign && (
          <Button size="sm" onClick={retry}>
            Try again
          </Button>
        )
      }
    >
      {wording(error)}
    </Banner>
  )
}
