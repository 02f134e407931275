// A time as a person reads it, with the exact moment in the tool tip.
import { useNow } from './now'
import { relative } from './time'
import { useTimes } from './times'

export function Ago({ at, className }: { at: string; className?: string }) {
  const now = useNow()
  const { exact } = useTimes()
  return (
    <time dateTime={at} title={exact(at, now)} className={className}>
      {relative(at, now)}
    </time>
  )
}

export function Moment({ at, className }: { at: string; className?: string }) {
  const now = useNow()
  const { exact, moment } = useTimes()
  return (
    <time dateTime={at} title={exact(at, now)} className={className}>
      {moment(at, now)}
    </time>
  )
}
