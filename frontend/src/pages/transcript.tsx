// Everything that was said with the model in one round of an investigation.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { ChevronLeft } from 'lucide-react'
import { useApi } from '../api/context'
import { transcriptQuery } from '../api/model'
import { incidentQuery, investigationsQuery } from '../api/queries'
import type { Investigation } from '../api/types'
import { Loading } from '../components/loading'
import { answerOf } from '../components/trouble'
import { PageHead } from '../components/page'
import { useTitle } from '../components/shell/title'
import { ExchangeSection } from '../components/transcript/exchange'
import { Button } from '../ui/button'
import { Empty } from '../ui/empty'
import { Field, Select } from '../ui/field'
import { SkeletonLines } from '../ui/skeleton'

const route = getRouteApi('/app/incidents/$incidentId/transcript')

export default function TranscriptPage() {
  const { incidentId } = route.useParams()
  const { round } = route.useSearch()
  const api = useApi()
  const { data: incident } = useQuery(incidentQuery(api, incidentId))
  const asked = useQuery(investigationsQuery(api, incidentId))
  const { data } = asked
  const shown = data?.find((one) => one.round === round) ?? data?.[0]
  useTitle(incident ? `Transcript of #${incident.number}` : 'Transcript')
  return (
    <div className="max-w-4xl">
      <Link
        to="/incidents/$incidentId"
        params={{ incidentId }}
        className="mb-2 -ml-1 inline-flex items-center gap-0.5 rounded text-sm text-faint hover:text-ink pointer-coarse:min-h-11"
      >
        <ChevronLeft aria-hidden className="size-4" />
        {incident ? `#${incident.number} ${incident.title}` : 'The incident'}
      </Link>
      <PageHead
        title="Transcript"
        says="What the model was told and what it answered, word for word. Secrets were hidden before it was told anything."
      />
      <Loading query={asked} what="investigation">
        <SkeletonLines lines={8} />
      </Loading>
      {data && data.length > 1 && shown && <Rounds rounds={data} shown={shown} />}
      {data?.length === 0 && <Empty title="It has not been investigated yet" />}
      {shown && <Calls key={shown.id} incidentId={incidentId} investigation={shown} />}
    </div>
  )
}

function Rounds({ rounds, shown }: { rounds: Investigation[]; shown: Investigation }) {
  const navigate = route.useNavigate()
  return (
    <Field label="Round" className="mb-4 max-w-40">
      {(control) => (
        <Select
          {...control}
          value={shown.round}
          onChange={({ target }) => void navigate({ search: { round: Number(target.value) }, replace: true })}
        >
          {rounds.map(({ id, round }) => (
            <option key={id} value={round}>
              {round}
            </option>
          ))}
        </Select>
      )}
    </Field>
  )
}

function Calls({ incidentId, investigation }: { incidentId: string; investigation: Investigation }) {
  const list = useInfiniteQuery(transcriptQuery(useApi(), incidentId, investigation.id))
  const calls = answerOf(list)?.pages.flatMap((page) => page.items)
  const over = investigation.status !== 'queued' && investigation.status !== 'running'
  return (
    <>
      <Loading query={list} what="transcript">
        <SkeletonLines lines={8} />
      </Loading>
      {calls?.length === 0 && (
        <Empty title={over ? 'The model was not asked' : 'The model has not been asked yet'}>
          {over && `In round ${investigation.round} the rules answered alone. ${investigation.analyst_note}`}
        </Empty>
      )}
      {calls?.map((exchange) => (
        <ExchangeSection key={exchange.number} exchange={exchange} />
      ))}
      {list.hasNextPage && (
        <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show the next calls
        </Button>
      )}
    </>
  )
}
