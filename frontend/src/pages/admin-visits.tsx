// Who acted as whom, why and for how long; a visit that still runs can be ended here.
import { useQuery } from '@tanstack/react-query'
import { endVisit, visitsQuery } from '../api/admin'
import { useApi } from '../api/context'
import type { SupportVisit } from '../api/types'
import { RowSkeletons } from '../components/incident/row'
import { Loading } from '../components/loading'
import { PageHead } from '../components/page'
import { useTitle } from '../components/shell/title'
import { useRun } from '../components/team/run'
import { Button } from '../ui/button'
import { Empty } from '../ui/empty'
import { useSecond } from '../ui/now'
import { Chip } from '../ui/tag'
import { countdown } from '../ui/time'
import { Ago } from '../ui/when'

export default function AdminVisitsPage() {
  const asked = useQuery(visitsQuery(useApi()))
  const { data } = asked
  useTitle('Visits')
  return (
    <>
      <PageHead title="Visits" says="Support acting as a member of a team: who, as whom, and why." />
      <Loading query={asked} what="visits">
        <RowSkeletons rows={4} />
      </Loading>
      {data?.length === 0 && (
        <Empty title="Nobody has acted as somebody else">
          A visit begins on the page of a team, with a reason, and ends by itself after 30 minutes.
        </Empty>
      )}
      {data && data.length > 0 && (
        <ul className="border-t">
          {data.map((visit) => (
            <Row key={visit.id} visit={visit} />
          ))}
        </ul>
      )}
    </>
  )
}

function Row({ visit }: { visit: SupportVisit }) {
  const api = useApi()
  const run = useRun()
  const left = Date.parse(visit.expires_at) - useSecond()
  const running = visit.active && left > 0
  const end = () => {
    if (api.visit.current() === visit.id) api.visit.forget()
    run.mutate(() => endVisit(api, visit.id))
  }
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-b py-3 last:border-b-0">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1 wrap-anywhere">
          <span className="font-medium">
            {visit.user.email} in {visit.team.name}
          </span>
          {running && <Chip tone="orange">{countdown(left)} left</Chip>}
        </p>
        <p className="wrap-anywhere text-soft">{visit.reason}</p>
        <p className="label">
          {visit.admin.email} · began <Ago at={visit.started_at} />
          {!running && (
            <>
              {' · '}ended <Ago at={visit.ended_at ?? visit.expires_at} />
            </>
          )}
        </p>
      </div>
      {running && (
        <Button size="sm" busy={run.isPending} onClick={end}>
          End
        </Button>
      )}
    </li>
  )
}
