// One incident: what is wrong, how sure, what would be done, why.
import { useQuery } from '@tanstack/react-query'
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router'
import { useApi } from '../api/context'
import { isRefusal } from '../api/problem'
import { incidentQuery } from '../api/queries'
import { IncidentSkeleton } from '../components/incident/skeleton'
import { IncidentView } from '../components/incident/view'
import { LoadError, PageHead } from '../components/page'
import { useTitle } from '../components/shell/title'
import { buttonClass } from '../ui/button'
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
  if (error && !data) return <Missing error={error} retry={() => void refetch()} />
  return (
    <>
      {error && <LoadError error={error} retry={() => void refetch()} stale />}
      {data ? <IncidentView key={data.id} incident={data} /> : <IncidentSkeleton />}
    </>
  )
}

/** Nobody is left before an empty page: what it is, and the way back. */
function Missing({ error, retry }: { error: Error; retry: () => void }) {
  const unknown = isRefusal(error) && (error.status === 404 || error.status === 422)
  return (
    <>
      {unknown ? (
        <PageHead
          title="There is no such incident"
          says="The address may be mistyped, or the incident belongs to a team that you are not working in."
        />
      ) : (
        <>
          <PageHead title="Incident" />
          <LoadError error={error} retry={retry} />
        </>
      )}
      <Link to="/incidents" className={buttonClass('plain', 'md')}>
        To the incidents
      </Link>
    </>
  )
}
