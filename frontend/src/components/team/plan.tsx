// What the team's plan allows, and how much of it is used.
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../../api/context'
import { meQuery, membersQuery, monitorsQuery, teamQuery } from '../../api/queries'
import { Facts, Section, type Fact } from '../../ui/section'
import { Ago, Moment } from '../../ui/when'

const used = (count: number | undefined, most: number | null | undefined) => (
  <span className="tabular">
    {count ?? '…'} {most == null ? 'of as many as you like' : `of ${most}`}
    {most != null && count !== undefined && count >= most && (
      <span className="ml-2 text-amber">all used</span>
    )}
  </span>
)

export function Plan() {
  const api = useApi()
  const { data: team } = useQuery(teamQuery(api))
  const { data: me } = useQuery(meQuery(api))
  const { data: members } = useQuery(membersQuery(api))
  const sees = me?.permissions.includes('monitor.read') === true
  const { data: monitors } = useQuery({ ...monitorsQuery(api), enabled: sees })
  if (!team) return null
  const facts: (Fact | null)[] = [
    { name: 'Plan', value: <span className="font-medium capitalize">{team.plan}</span> },
    team.trial_ends_at
      ? {
          name: 'Trial',
          value: (
            <>
              ends <Ago at={team.trial_ends_at} />, on <Moment at={team.trial_ends_at} className="tabular" />
            </>
          ),
        }
      : null,
    { name: 'Members', value: used(members?.length, team.limits.members) },
    { name: 'Monitors', value: used(monitors?.length, team.limits.monitors) },
    { name: 'Since', value: <Moment at={team.created_at} className="tabular" /> },
  ]
  return (
    <Section title="Plan">
      <Facts facts={facts.filter((fact) => fact !== null)} />
    </Section>
  )
}
