// One incident: what is wrong, how sure, what would be done, why.
import { useQuery } from '@tanstack/react-query'
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router'
import { useApi } from '../api/context'
import { isRefusal, worthRepeating } from '../api/problem'
import { incidentQuery } from '../api/queries'
import { BackToList } from '../components/incident/header'
import { IncidentSkeleton } from '../components/incident/skeleton'
import { IncidentView } from '../components/incident/view'
import { Loading } from '../components/loading'
import { LoadError, PageHead } from '../components/page'
import { useTitle } from '../components/shell/title'
import { buttonClass } from '../ui/button'
import { focusMarked, useHotkeys } from '../ui/hotkeys'

const route = getRouteApi('/app/incidents/$incidentId')

export default function IncidentPage() {
  const { incidentId } = route.useParams()
  const navigate = useNavigate()
  const asked = useQuery(incidentQuery(useApi(), incidentId))
  const { data, error, refetch } = asked
  useTitle(data ? `#${data.number} ${data.title}` : 'Incident')
  useHotkeys({
    a: () => focusMarked('a'),
    r: () => focusMarked('r'),
    p: () => focusMarked('p'),
    u: () => void navigate({ to: '/incidents' }),
  })
  if (error && !data && !worthRepeating(error)) return <Missing error={error} retry={() => void refetch()} />
  return (
    <>
      {!data && (
        <div className="mb-2 flex min-h-8 items-center">
          <h1 className="sr-only">Incident</h1>
          <BackToList />
        </div>
      )}
      <Loading query={asked} what="incident">
        <IncidentSkeleton />
      </Loading>
      {data && <IncidentView key={data.id} incident={data} />}
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
