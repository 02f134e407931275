// Every team of the installation.
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { adminTeamsQuery } from '../api/admin'
import { useApi } from '../api/context'
import type { AdminTeam } from '../api/types'
import { StandingMark } from '../components/admin/team-marks'
import { RowSkeletons } from '../components/incident/row'
import { Loading } from '../components/loading'
import { answerOf } from '../components/trouble'
import { PageHead } from '../components/page'
import { useTitle } from '../components/shell/title'
import { Button } from '../ui/button'
import { Empty } from '../ui/empty'
import { focusMarked, stepRow, useHotkeys } from '../ui/hotkeys'
import { SearchForm } from '../ui/search'

const route = getRouteApi('/app/admin/teams')

export default function AdminTeamsPage() {
  const { q = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const list = useInfiniteQuery(adminTeamsQuery(useApi(), q))
  const teams = answerOf(list)?.pages.flatMap((page) => page.items)
  useTitle('All teams')
  useHotkeys({ j: () => stepRow(1), k: () => stepRow(-1), '/': () => focusMarked('/') })
  return (
    <>
      <PageHead title="All teams" says="Every team of this installation, how it stands, and who owns it." />
      <SearchForm
        label="Search teams"
        placeholder="Name, short name or owner"
        maxLength={100}
        known={q}
        onSearch={(words) => void navigate({ search: words ? { q: words } : {} })}
      />
      <Loading query={list} what="teams">
        <RowSkeletons rows={6} />
      </Loading>
      {teams?.length === 0 && (
        <Empty title="No team matches">Part of a name, a short name or an owner.</Empty>
      )}
      {teams && teams.length > 0 && (
        <ul className="border-t" aria-busy={list.isPlaceholderData}>
          {teams.map((team) => (
            <Row key={team.id} team={team} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button className="mt-3" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  )
}

const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`

const Row = ({ team }: { team: AdminTeam }) => (
  <li className="border-b last:border-b-0">
    <Link
      to="/admin/teams/$teamId"
      params={{ teamId: team.id }}
      data-row
      className="-mx-2 grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4 gap-y-0.5 rounded-md px-2 py-2.5 hover:bg-hover md:grid-cols-[minmax(0,1fr)_minmax(0,14rem)_7rem_9rem_10rem]"
    >
      <span className="min-w-0 truncate">
        <span className="font-medium">{team.name}</span>
        <span className="ml-2 font-mono text-xs text-soft">{team.slug}</span>
      </span>
      <span className="col-span-full truncate text-soft max-md:order-last md:col-span-1">
        {team.owner_email ?? 'nobody owns it'}
      </span>
      <span className="label tabular max-md:order-last">{count(team.members, 'member', 'members')}</span>
      <span className="label tabular max-md:order-last max-md:text-right">
        {count(team.open_incidents, 'open incident', 'open incidents')}
      </span>
      <span className="text-right">
        <StandingMark team={team} />
      </span>
    </Link>
  </li>
)
