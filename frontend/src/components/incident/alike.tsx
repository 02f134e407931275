// A row of the list that stands for others: the newest of its kind, and the rest of them below it on request.
import { useInfiniteQuery } from '@tanstack/react-query'
import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { useApi } from '../../api/context'
import { incidentsQuery, type IncidentFilter } from '../../api/queries'
import type { ListedIncident } from '../../api/types'
import { Button } from '../../ui/button'
import { cx } from '../../ui/cx'
import { Loading } from '../loading'
import { answerOf } from '../trouble'
import { IncidentLink, RowSkeletons } from './row'

interface Props {
  incident: ListedIncident
  /** What the list was asked for. */
  filter: IncidentFilter
}

export const IncidentRows = ({
  incidents,
  filter,
}: {
  incidents: ListedIncident[]
  filter: IncidentFilter
}) => (
  <ul>
    {incidents.map((incident) =>
      incident.alike > 1 ? (
        <AlikeRow key={incident.id} incident={incident} filter={filter} />
      ) : (
        <li key={incident.id} className="border-b last:border-b-0">
          <IncidentLink incident={incident} />
        </li>
      ),
    )}
  </ul>
)

function AlikeRow({ incident, filter }: Props) {
  const [open, setOpen] = useState(false)
  const others = incident.alike - 1
  return (
    <li className="border-b pb-1.5 last:border-b-0">
      <IncidentLink incident={incident} />
      <Button
        look="ghost"
        size="sm"
        className="ml-6 tabular md:ml-[5.5rem]"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <ChevronRight aria-hidden className={cx('size-3.5 transition-transform', open && 'rotate-90')} />
        {others} more like it
      </Button>
      {open && <Others incident={incident} filter={filter} />}
    </li>
  )
}

function Others({ incident, filter }: Props) {
  const list = useInfiniteQuery(incidentsQuery(useApi(), { ...filter, collapsed: false, like: incident.id }))
  const others = answerOf(list)
    ?.pages.flatMap((page) => page.items)
    .filter(({ id }) => id !== incident.id)
  return (
    <div className="mt-1 ml-3 border-l pl-3 md:ml-[5.25rem]">
      <Loading query={list} what="incidents like it" small>
        <RowSkeletons rows={3} />
      </Loading>
      <ul>
        {others?.map((other) => (
          <li key={other.id} className="border-b last:border-b-0">
            <IncidentLink incident={other} />
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button
          size="sm"
          className="mt-2"
          busy={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          Show more of these
        </Button>
      )}
    </div>
  )
}
