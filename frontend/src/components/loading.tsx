// What stands on every page where an answer is waited for: its outline, and from the first failed attempt on what is the matter.
import { onlineManager, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState, useSyncExternalStore, type ReactNode } from 'react'
import { askAgain } from '../api/again'
import { troubleInWords, worthRepeating } from '../api/problem'
import { Banner } from '../ui/banner'
import { Button } from '../ui/button'
import { cx } from '../ui/cx'
import { Dot } from '../ui/tag'
import { useTimes } from '../ui/times'
import { LoadError } from './page'
import { answerOf, useTrouble, type Asked } from './trouble'

const LONG_MS = 5000

interface Props {
  query: Asked
  /** What it is, as in "The … could not be loaded". */
  what: string
  /** One part of a page among others: here one line, and the reason at the edge of the window. */
  small?: boolean
  /** The outline of what will come. It keeps its place whatever is said, so that nothing moves. */
  children?: ReactNode
}

export function Loading({ query, what, small = false, children }: Props) {
  const error = useTrouble(query, what, !small)
  const has = answerOf(query) !== undefined
  const long = useLong(!has && error === null)
  if (error && !worthRepeating(error)) {
    return <LoadError what={`The ${what}`} error={error} retry={() => void query.refetch()} stale={has} />
  }
  if (has) return null
  if (small) return <Part failed={error && what}>{children}</Part>
  return (
    <div className={STACK}>
      <div aria-hidden={error !== null} className={error !== null || long ? HELD : undefined}>
        {children}
      </div>
      {error && <Failed what={what} error={error} query={query} />}
      {long && <TakesLong what={what} />}
    </div>
  )
}

const STACK = 'grid *:col-start-1 *:row-start-1 *:min-w-0'

/** What is not on its way does not look as if it were, and is not there behind what is said. */
const HELD =
  'opacity-40 mask-[linear-gradient(transparent_8rem,black_14rem)] md:mask-[linear-gradient(transparent_7rem,black_11rem)] [&_*]:animate-none!'

interface PartProps {
  /** What could not be loaded, if it could not. */
  failed: string | null
  children: ReactNode
}

const Part = ({ failed, children }: PartProps) => (
  <div className={STACK}>
    <div className={cx(failed && 'invisible')}>{children}</div>
    {failed && (
      <p className="text-sm">
        <Dot tone="red" className="whitespace-normal!">
          <span className="text-soft">The {failed} could not be loaded. Trying again.</span>
        </Dot>
      </p>
    )}
  </div>
)

interface FailedProps {
  what: string
  error: Error
  query: Asked
}

function Failed({ what, error, query: { errorUpdatedAt } }: FailedProps) {
  const client = useQueryClient()
  return (
    <Banner
      tone="red"
      urgent
      className="relative self-start"
      title={`The ${what} could not be loaded`}
      foot={<Trying last={errorUpdatedAt} />}
      action={
        <Button size="sm" onClick={() => void askAgain(client)}>
          Try now
        </Button>
      }
    >
      {troubleInWords(error)}
    </Banner>
  )
}

/** Outside of what is announced: it changes with every attempt. */
export function Trying({ last }: { last: number }) {
  const { clock } = useTimes()
  const online = useSyncExternalStore(heedNetwork, () => onlineManager.isOnline())
  return (
    <p className="flex flex-wrap items-baseline gap-x-3 text-xs">
      <Dot tone={online ? 'amber' : 'quiet'} live={online}>
        {online ? 'Trying again' : 'Waiting for the network'}
      </Dot>
      <span className="text-faint tabular">last tried {clock(new Date(last).toISOString())}</span>
    </p>
  )
}

const heedNetwork = (tell: () => void) => onlineManager.subscribe(tell)

const TakesLong = ({ what }: { what: string }) => (
  <Banner tone="amber" className="relative self-start" title="Nightdesk takes long to answer">
    The {what} could not be shown yet; it is still being waited for.
  </Banner>
)

/** True once it has been waited for long. */
function useLong(waiting: boolean): boolean {
  const [long, setLong] = useState(false)
  useEffect(() => {
    if (!waiting) return
    const timer = setTimeout(() => setLong(true), LONG_MS)
    return () => {
      clearTimeout(timer)
      setLong(false)
    }
  }, [waiting])
  return waiting && long
}
