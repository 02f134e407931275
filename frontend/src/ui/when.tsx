// A time as a person reads it, with the exact moment in the tool tip.
import { useNow } from './now'
import { moment, relative, utc } from './time'

export function Ago({ at, className }: { at: string; className?: string }) {
  const now = useNow()
  return (
    <time dateTime={at} title={`${moment(at, now)} (${utc(at)})`} className={className}>
      {relative(at, now)}
    </time>
  )
}

export function Moment({ at, className }: { at: string; className?: string }) {
  const now = useNow()
  return (
    <time dateTime={at} title={utc(at)} className={className}>
      {moment(at, now)}
    </time>
  )
}
