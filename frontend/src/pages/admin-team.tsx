// One team, seen by those who run the installation: how it stands, who is in it, and acting as one of them.
import { useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { ChevronLeft } from 'lucide-react'
import { useState } from 'react'
import { adminTeamQuery, startVisit } from '../api/admin'
import { useApi } from '../api/context'
import type { AdminTeamDetail } from '../api/types'
import { AskReason } from '../components/admin/ask-reason'
import { StandingSection } from '../components/admin/standing-section'
import { StandingMark } from '../components/admin/team-marks'
import { Loading } from '../components/loading'
import { PageHead } from '../components/page'
import { useMay } from '../components/permission'
import { useTitle } from '../components/shell/title'
import { roleLabel } from '../components/team/words'
import { Button } from '../ui/button'
import { Facts, Section } from '../ui/section'
import { SkeletonLines } from '../ui/skeleton'
import { Moment } from '../ui/when'

const route = getRouteApi('/app/admin/teams/$teamId')

export default function AdminTeamPage() {
  const { teamId } = route.useParams()
  const asked = useQuery(adminTeamQuery(useApi(), teamId))
  const { data } = asked
  useTitle(data?.name ?? 'Team')
  return (
    <div className="max-w-3xl">
      <Link
        to="/admin/teams"
        className="mb-2 -ml-1 inline-flex items-center gap-0.5 rounded text-sm text-faint hover:text-ink pointer-coarse:min-h-11"
      >
        <ChevronLeft aria-hidden className="size-4" />
        All teams
      </Link>
      <Loading query={asked} what="team">
        <SkeletonLines lines={8} />
      </Loading>
      {data && <Team team={data} />}
    </div>
  )
}

const most = (limit: number | null | undefined) =>
  limit == null ? 'as many as they like' : `at most ${limit}`

const Team = ({ team }: { team: AdminTeamDetail }) => (
  <>
    <PageHead
      title={team.name}
      says={<span className="font-mono text-xs">{team.slug}</span>}
      action={<StandingMark team={team} />}
    />
    <Section title="Facts">
      <Facts
        facts={[
          { name: 'Owner', value: team.owner_email ?? 'nobody' },
          { name: 'Plan', value: <span className="capitalize">{team.plan}</span> },
          { name: 'Members', value: `${team.members}, ${most(team.limits.members)}` },
          { name: 'Monitors', value: most(team.limits.monitors) },
          { name: 'Incidents', value: `${team.open_incidents} open` },
          { name: 'Since', value: <Moment at={team.created_at} className="tabular" /> },
        ]}
      />
    </Section>
    <StandingSection team={team} />
    <Members team={team} />
  </>
)

type Person = AdminTeamDetail['members_list'][number]

function Members({ team }: { team: AdminTeamDetail }) {
  const api = useApi()
  const may = useMay('platform.impersonate')
  const [visiting, setVisiting] = useState<Person | null>(null)
  return (
    <Section title="Members" aside={`${team.members_list.length}`} tight>
      <ul>
        {team.members_list.map((person) => (
          <li
            key={person.user_id}
            className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b py-2.5 last:border-b-0"
          >
            <div className="min-w-0 flex-1 basis-52">
              <p className="truncate font-medium">{person.name || person.email}</p>
              <p className="truncate label">
                {person.email} · {roleLabel(person.role)}
              </p>
            </div>
            <Button
              size="sm"
              refused={may.refused ?? (person.is_platform_admin ? 'They run this installation, too.' : null)}
              onClick={() => setVisiting(person)}
            >
              Act as them…<span className="sr-only"> {person.email}</span>
            </Button>
          </li>
        ))}
      </ul>
      {visiting && (
        <AskReason
          title={`Act as ${visiting.name || visiting.email}?`}
          says="For 30 minutes, in this tab, you see and do what they may. You cannot decide about actions or touch credentials."
          verb="Begin"
          shortest={10}
          hint="It is shown all the time, and goes into the audit log on both sides."
          run={(reason) => startVisit(api, team.id, visiting.user_id, reason)}
          onDone={(visit) => {
            api.visit.begin(visit.id)
            // Loaded anew: nothing of one's own team may stay on the screen.
            location.assign('/incidents')
          }}
          onClose={() => setVisiting(null)}
        />
      )}
    </Section>
  )
}
