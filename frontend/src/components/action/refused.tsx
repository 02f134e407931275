// Why a decision did not go through.
import { Banner } from '../../ui/banner'
import { useNow } from '../../ui/now'
import { useTimes } from '../../ui/times'
import { refusedDecision } from './conflict'

export function Refused({ error }: { error: Error }) {
  const now = useNow()
  const { moment } = useTimes()
  const { tone, title, says } = refusedDecision(error, (at) => moment(at, now))
  return (
    <Banner tone={tone} urgent title={title} className="mt-4">
      {says}
    </Banner>
  )
}

export const isFinal = (error: Error | null): boolean =>
  error !== null && refusedDecision(error, String).final
