// More comes in than somebody can read one by one: said above the list, with how much.
import { useQuery } from '@tanstack/react-query'
import { stormQuery } from '../../api/correlation'
import { useApi } from '../../api/context'
import type { Storm } from '../../api/types'
import { Banner } from '../../ui/banner'

const count = (n: number, one: string, many: string) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`

/** "35 incidents and 120 alerts in the last 10 minutes" */
export const stormInWords = ({ incidents, alerts, minutes }: Storm): string =>
  `${count(incidents, 'new incident', 'new incidents')} and ${count(alerts, 'new alert', 'new alerts')} in the last ${minutes === 1 ? 'minute' : `${minutes} minutes`}`

export function StormBanner() {
  const { data } = useQuery(stormQuery(useApi()))
  if (!data?.running) return null
  return (
    <Banner tone="amber" urgent className="mb-4" title={`A storm is running: ${stormInWords(data)}`}>
      Incidents that are alike stand together with their number. What began first is often the cause; what
      belongs to it can be merged into it on its page.
    </Banner>
  )
}
