// Whether anything can be changed just now: maintenance, a suspended team, the end of a trial. The server refuses all the same;
// this says so before somebody has typed.
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../api/context'
import { configQuery, meQuery } from '../api/queries'
import type { Config, Me } from '../api/types'
import { useNow } from '../ui/now'

export type Why = 'maintenance' | 'suspended' | 'trial_ended'

export interface Standing {
  why: Why
  /** What the installation's people say about it. */
  notice: string
  /** Why a button cannot be pressed; null for those to whom it does not apply. */
  refused: string | null
}

export interface Known {
  maintenance: Config['maintenance'] | undefined
  team: Pick<Me['team'], 'suspended_at' | 'suspended_reason' | 'trial_ends_at'> | undefined
  /** Runs the installation, and so goes on during maintenance. */
  keeper: boolean
}

/** The gravest reason first. */
export function standingOf({ maintenance, team, keeper }: Known, now: number): Standing | null {
  if (team?.suspended_at) {
    const notice = team.suspended_reason ?? ''
    return { why: 'suspended', notice, refused: 'This team is suspended.' }
  }
  if (team?.trial_ends_at && Date.parse(team.trial_ends_at) <= now) {
    return { why: 'trial_ended', notice: '', refused: "The team's trial has ended." }
  }
  if (maintenance?.on) {
    const refused = keeper ? null : 'Nightdesk is under maintenance: nothing can be changed now.'
    return { why: 'maintenance', notice: maintenance.notice, refused }
  }
  return null
}

const keeps = (me: Me | undefined) => me !== undefined && (me.is_platform_admin || me.impersonation !== null)

export function useStanding(): Standing | null {
  const api = useApi()
  const now = useNow()
  const { data: me } = useQuery(meQuery(api))
  const { data: config } = useQuery(configQuery(api))
  return standingOf({ maintenance: config.maintenance, team: me?.team, keeper: keeps(me) }, now)
}
