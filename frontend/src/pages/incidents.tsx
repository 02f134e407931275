// The incident list: what waits for me on top, then everything the address asks for.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useCallback } from 'react'
import { useApi } from '../api/context'
import { inboxQuery, incidentsQuery } from '../api/queries'
import { InboxRows } from '../components/action/inbox'
import { CreateIncident } from '../components/incident/create'
import { readSearch, toFilter, type IncidentSearch } from '../components/incident/filter'
import { FilterBar } from '../components/incident/filter-bar'
import { IncidentRows } from '../components/incident/alike'
import { brokenFirst } from '../components/incident/order'
import { RowSkeletons } from '../components/incident/row'
import { StormBanner } from '../components/incident/storm'
import { Loading } from '../components/loading'
import { answerOf } from '../components/trouble'
import { PageHead } from '../components/page'
import { useMay } from '../components/permission'
import { useTitle } from '../components/shell/title'
import { Button } from '../ui/button'
import { Empty } from '../ui/empty'
import { focusMarked, stepRow, useHotkeys } from '../ui/hotkeys'
import { Section } from '../ui/section'
import { Kbd } from '../ui/tag'

const route = getRouteApi('/app/incidents')

export default function IncidentsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const create = (open: boolean) =>
    void navigate({ search: (before) => readSearch({ ...before, new: open || undefined }), replace: !open })
  const change = useCallback(
    (part: object) =>
      void navigate({ search: (before) => readSearch({ ...before, ...part }), replace: true }),
    [navigate],
  )
  const may = useMay('incident.write')
  useTitle('Incidents')
  useHotkeys({
    j: () => stepRow(1),
    k: () => stepRow(-1),
    '/': () => focusMarked('/'),
    c: may.refused === null ? () => create(true) : undefined,
  })
  return (
    <>
      <PageHead
        title="Incidents"
        action={
          <Button refused={may.refused} onClick={() => create(true)}>
            <Plus aria-hidden className="size-4" />
            Open an incident
          </Button>
        }
      />
      <StormBanner />
      <Waiting />
      <FilterBar search={search} onChange={change} />
      <List search={search} onClear={() => void navigate({ search: {} })} />
      {search.new && <CreateIncident onClose={() => create(false)} />}
    </>
  )
}

function Waiting() {
  const { data } = useQuery(inboxQuery(useApi()))
  if (!data || data.length === 0) return null
  return (
    <Section
      title="Waits for you"
      aside={<span className="tabular">{data.length}</span>}
      className="pb-5"
      tight
    >
      <InboxRows actions={data} />
    </Section>
  )
}

function List({ search, onClear }: { search: IncidentSearch; onClear: () => void }) {
  const filter = toFilter(search)
  const list = useInfiniteQuery(incidentsQuery(useApi(), filter))
  // What is over keeps the order in which it began.
  const pages = answerOf(list)?.pages.map(({ items }) =>
    search.status === undefined ? brokenFirst(items) : items,
  )
  const incidents = pages?.flat()
  return (
    <section aria-label="Incidents" aria-busy={list.isPlaceholderData} className="mt-3 border-t">
      <Loading query={list} what="incidents">
        <RowSkeletons rows={8} />
      </Loading>
      {incidents?.length === 0 && <Nothing search={search} onClear={onClear} />}
      {incidents && incidents.length > 0 && <IncidentRows incidents={incidents} filter={filter} />}
      {list.hasNextPage && (
        <Button className="mt-3" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </section>
  )
}

function Nothing({ search, onClear }: { search: IncidentSearch; onClear: () => void }) {
  const filtered = search.status !== undefined || search.severity !== undefined || search.q !== undefined
  if (filtered) {
    return (
      <Empty title="No incident matches" action={<Button onClick={onClear}>Clear the filters</Button>}>
        Try another status or fewer words.
      </Empty>
    )
  }
  return (
    <Empty title="Nothing is wrong">
      No incident is open. A failed check or an alert opens one, and it appears here at once. Press{' '}
      <Kbd>c</Kbd> to open one by hand.
    </Empty>
  )
}
