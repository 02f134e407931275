// How a team stands, in one mark: suspended, trial over, on trial, or nothing to say.
import type { AdminTeam } from '../../api/types'
import { useNow } from '../../ui/now'
import { Chip } from '../../ui/tag'
import { span } from '../../ui/time'

export function StandingMark({ team }: { team: Pick<AdminTeam, 'suspended_at' | 'trial_ends_at'> }) {
  const now = useNow()
  if (team.suspended_at) return <Chip tone="red">Suspended</Chip>
  if (!team.trial_ends_at) return null
  const left = Date.parse(team.trial_ends_at) - now
  return left > 0 ? <Chip tone="accent">trial, {span(left)} left</Chip> : <Chip tone="amber">Trial over</Chip>
}
