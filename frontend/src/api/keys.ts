// Names of cached answers, and which of them a hint makes old.
import type { QueryClient, QueryKey } from '@tanstack/react-query'
import type { Hint } from './live'

export const keys = {
  me: ['me'],
  system: ['system'],
  factors: ['account', 'factors'],
  enrolment: ['account', 'enrolment'],
  recoveryCodes: ['account', 'recovery-codes'],
  permissions: ['permissions'],
  apiKeys: ['api-keys'],
  profile: ['profile'],
  team: ['team'],
  members: ['team', 'members'],
  invitations: ['team', 'invitations'],
  invitation: (token: string) => ['invitation', token],
  audit: ['audit'],
  config: ['config'],
  sessions: ['account', 'sessions'],
  adminTeams: ['admin', 'teams'],
  adminTeam: (id: string) => ['admin', 'teams', 'one', id],
  visits: ['admin', 'visits'],
  maintenance: ['admin', 'maintenance'],
  installationAudit: ['admin', 'audit'],
  attempts: ['admin', 'attempts'],
  blocked: ['admin', 'blocked'],
  integrations: ['integrations'],
  hooks: ['hooks'],
  monitors: ['monitors'],
  monitorChecks: (id: string) => ['monitors', id, 'checks'],
  inbox: ['inbox'],
  incidents: ['incidents'],
  storm: ['incidents', 'storm'],
  incidentList: (filter: object) => ['incidents', filter],
  incident: (id: string) => ['incident', id],
  detail: (id: string) => ['incident', id, 'detail'],
  events: (id: string) => ['incident', id, 'events'],
  evidence: (id: string) => ['incident', id, 'evidence'],
  hypotheses: (id: string) => ['incident', id, 'hypotheses'],
  investigations: (id: string) => ['incident', id, 'investigations'],
  steps: (id: string) => ['incident', id, 'steps'],
  transcript: (id: string) => ['incident', id, 'transcript'],
  usage: ['usage'],
  secretPatterns: ['secret-patterns'],
  secretTrial: ['secret-trial'],
  dependencies: ['dependencies'],
  actions: (id: string) => ['incident', id, 'actions'],
  joins: (id: string) => ['incident', id, 'joins'],
  similar: (id: string) => ['incident', id, 'similar'],
  incidentRunbooks: (id: string) => ['incident', id, 'runbooks'],
  runbooks: ['runbooks'],
  runbook: (id: string) => ['runbooks', 'one', id],
  alerts: (id: string) => ['incident', id, 'alerts'],
  postMortem: (id: string) => ['incident', id, 'post-mortem'],
} as const

type Rule = (incidentId: string) => QueryKey[]

const BY_TABLE: Record<string, Rule> = {
  incidents: (id) => [keys.incidents, keys.detail(id)],
  incident_events: (id) => [
    keys.incidents,
    keys.detail(id),
    keys.events(id),
    keys.alerts(id),
    keys.joins(id),
  ],
  actions: (id) => [keys.inbox, keys.incidents, keys.detail(id), keys.actions(id)],
  investigation_steps: (id) => [keys.steps(id), keys.transcript(id)],
  investigations: (id) => [keys.detail(id), keys.investigations(id), keys.evidence(id), keys.hypotheses(id)],
  post_mortems: (id) => [keys.detail(id), keys.postMortem(id)],
}

/** The keys a hint makes old; an empty key stands for everything, because an unknown table may concern anything. */
export function keysFor(hint: Hint): QueryKey[] {
  if (hint.table === 'monitors') return [keys.monitors]
  const rule = BY_TABLE[hint.table]
  return rule && hint.incident_id ? rule(hint.incident_id) : [[]]
}

/**
 * Refetches what hints made old, one round at a time. A hint during a round starts another round after it: in an alert storm
 * nothing is refetched twice at once, no answer is thrown away half-way, and the last hint is never missed.
 */
export function refetcher(client: Pick<QueryClient, 'invalidateQueries'>) {
  const waiting = new Map<string, QueryKey>()
  let running = false

  async function run(): Promise<void> {
    running = true
    while (waiting.size > 0) {
      const round = [...waiting.values()]
      waiting.clear()
      await Promise.allSettled(round.map((queryKey) => client.invalidateQueries({ queryKey })))
    }
    running = false
  }

  return (old: QueryKey[]) => {
    for (const key of old) waiting.set(JSON.stringify(key), key)
    if (!running) void run()
  }
}
