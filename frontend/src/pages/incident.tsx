// One incident: what is wrong, how sure, what would be done, why.
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useApi } from '../api/context'
import { incidentQuery } from '../api/queries'
import { IncidentSkeleton } from '../components/incident/skeleton'
import { IncidentView } from '../components/incident/view'
import { LoadError } from '../components/page'
import { useTitle } from '../components/shell/title'
import { focusMarked, useHotkeys } from '../ui/hotkeys'

const route = getRouteApi('/app/incidents/$incidentId')

export default function IncidentPage() {
  const { incidentId } = route.useParams()
  const navigate = useNavigate()
  const { data, error, refetch } = useQuery(incidentQuery(useApi(), incidentId))
  useTitle(data ? `#${data.number} ${data.title}` : 'Incident')
  useHotkeys({
    a: () => focusMarked('a'),
    r: () => focusMarked('r'),
    p: () => focusMarked('p'),
    u: () => void navigate({ to: '/incidents' }),
  })
  return (
    <>
      {error && <LoadError error={error} retry={() => void refetch()} stale={data !== undefined} />}
      {data ? <IncidentView key={data.id} incident={data} /> : !error && <IncidentSkeleton />}
    </>
  )
}
