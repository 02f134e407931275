// What can be read, as TanStack Query options: one function per resource.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { Api } from './client'
import { keys } from './keys'
import { answered, isRefusal } from './problem'
import { countRecoveryCodes } from './recovery-codes'
import type { AttemptOutcome, IncidentStatus, PostMortem, Severity } from './types'

export interface IncidentFilter {
  status?: IncidentStatus[]
  severity?: Severity[]
  q?: string
  /** Of five or more that are alike only the newest. */
  collapsed?: boolean
  /** Those that this one stands for. */
  like?: string
}

export interface AuditFilter {
  actor?: string
  action?: string
  q?: string
  since?: string
}

export interface AttemptFilter {
  email?: string
  ip_address?: string
  outcome?: AttemptOutcome
}

interface Page<T> {
  items: T[]
  next_cursor?: string | null
}

const PAGE = 50
const MOST_PAGES = 20

/** Every page of a list that belongs to one incident. Bounded, so that a runaway list cannot hold the browser. */
async function whole<T>(page: (cursor?: string) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  for (let n = 0; n < MOST_PAGES; n++) {
    const answer = await page(cursor)
    items.push(...answer.items)
    if (!answer.next_cursor) break
    cursor = answer.next_cursor
  }
  return items
}

const from = (cursor?: string) => (cursor === undefined ? {} : { cursor })

export const meQuery = (api: Api) =>
  queryOptions({ queryKey: keys.me, queryFn: () => answered(api.http.GET('/api/me')), staleTime: 300_000 })

export const permissionsQuery = (api: Api) =>
  queryOptions({
    queryKey: keys.permissions,
    queryFn: () => answered(api.http.GET('/api/permissions')),
    staleTime: Infinity,
  })

export const profileQuery = (api: Api) =>
  queryOptions({ queryKey: keys.profile, queryFn: () => answered(api.http.GET('/api/me/profile')) })

export const teamQuery = (api: Api) =>
  queryOptions({ queryKey: keys.team, queryFn: () => answered(api.http.GET('/api/team')) })

export const membersQuery = (api: Api) =>
  queryOptions({
    queryKey: keys.members,
    queryFn: async () => (await answered(api.http.GET('/api/team/members'))).items,
  })

export const invitationsQuery = (api: Api) =>
  queryOptions({
    queryKey: keys.invitations,
    queryFn: async () => (await answered(api.http.GET('/api/team/invitations'))).items,
  })

export const invitationQuery = (api: Api, token: string) =>
  queryOptions({
    queryKey: keys.invitation(token),
    queryFn: () => answered(api.http.GET('/api/invitations/{token}', { params: { path: { token } } })),
  })

export const apiKeysQuery = (api: Api) =>
  queryOptions({
    queryKey: keys.apiKeys,
    queryFn: async () => (await answered(api.http.GET('/api/api-keys'))).items,
  })

export const auditQuery = (api: Api, filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: [...keys.audit, filter],
    queryFn: ({ pageParam }) =>
      answered(
        api.http.GET('/api/audit', { params: { query: { ...filter, limit: PAGE, ...from(pageParam) } } }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: (before) => before,
  })

export const factorsQuery = (api: Api) =>
  queryOptions({ queryKey: keys.factors, queryFn: () => api.auth.factors() })

export const recoveryCodesQuery = (api: Api) =>
  queryOptions({ queryKey: keys.recoveryCodes, queryFn: () => countRecoveryCodes(api) })

export const systemQuery = (api: Api) =>
  queryOptions({ queryKey: keys.system, queryFn: () => answered(api.http.GET('/api/system')) })

export const incidentsQuery = (api: Api, filter: IncidentFilter) =>
  infiniteQueryOptions({
    queryKey: keys.incidentList(filter),
    queryFn: ({ pageParam }) =>
      answered(
        api.http.GET('/api/incidents', { params: { query: { ...filter, limit: PAGE, ...from(pageParam) } } }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: (before) => before,
  })

export const inboxQuery = (api: Api) =>
  queryOptions({
    queryKey: keys.inbox,
    queryFn: () =>
      whole((cursor) =>
        answered(
          api.http.GET('/api/actions', { params: { query: { status: 'proposed', ...from(cursor) } } }),
        ),
      ),
  })

/** The parameters of everything that belongs to one incident. */
const of = (incident_id: string) => ({ params: { path: { incident_id } } })

export const incidentQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: keys.detail(id),
    queryFn: () => answered(api.http.GET('/api/incidents/{incident_id}', of(id))),
  })

export const eventsQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: keys.events(id),
    queryFn: () =>
      whole((cursor) =>
        answered(
          api.http.GET('/api/incidents/{incident_id}/events', {
            params: { path: { incident_id: id }, query: { limit: 500, ...from(cursor) } },
          }),
        ),
      ),
  })

export const evidenceQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: keys.evidence(id),
    queryFn: async () =>
      (await answered(api.http.GET('/api/incidents/{incident_id}/evidence', of(id)))).items,
  })

export const hypothesesQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: keys.hypotheses(id),
    queryFn: async () =>
      (await answered(api.http.GET('/api/incidents/{incident_id}/hypotheses', of(id)))).items,
  })

export const investigationsQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: keys.investigations(id),
    queryFn: async () =>
      (await answered(api.http.GET('/api/incidents/{incident_id}/investigations', of(id)))).items,
  })

/** Newest first. */
export const actionsQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: keys.actions(id),
    queryFn: async () => (await answered(api.http.GET('/api/incidents/{incident_id}/actions', of(id)))).items,
  })

/** All of them, so that what is alike can be counted. */
export const alertsQuery = (api: Api, incident_id: string) =>
  queryOptions({
    queryKey: keys.alerts(incident_id),
    queryFn: () =>
      whole((cursor) =>
        answered(
          api.http.GET('/api/incidents/{incident_id}/alerts', {
            params: { path: { incident_id }, query: { limit: 200, ...from(cursor) } },
          }),
        ),
      ),
  })

/** The newest version, or null while none has been written. */
export const postMortemQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: keys.postMortem(id),
    queryFn: (): Promise<PostMortem | null> =>
      answered(api.http.GET('/api/incidents/{incident_id}/post-mortem', of(id))).catch((error: unknown) => {
        if (isRefusal(error, 'no_post_mortem')) return null
        throw error
      }),
  })

export const monitorsQuery = (api: Api) =>
  queryOptions({
    queryKey: keys.monitors,
    queryFn: () =>
      whole((cursor) => answered(api.http.GET('/api/monitors', { params: { query: from(cursor) } }))),
  })

export const monitorChecksQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: keys.monitorChecks(id),
    queryFn: async () =>
      (
        await answered(
          api.http.GET('/api/monitors/{monitor_id}/checks', { params: { path: { monitor_id: id } } }),
        )
      ).items,
  })

export const integrationsQuery = (api: Api) =>
  queryOptions({
    queryKey: keys.integrations,
    queryFn: async () => (await answered(api.http.GET('/api/integrations'))).items,
  })

export const hooksQuery = (api: Api) =>
  queryOptions({
    queryKey: keys.hooks,
    queryFn: async () => (await answered(api.http.GET('/api/runbook-hooks'))).items,
  })

/** What everybody is told; asked again now and then, because maintenance begins while a page is open. */
export const configQuery = (api: Api) =>
  queryOptions({
    queryKey: keys.config,
    queryFn: () => answered(api.http.GET('/api/config')),
    initialData: api.config,
    initialDataUpdatedAt: 0,
    refetchInterval: ({ state }) => (state.status === 'error' ? 5000 : 60_000),
  })

export const sessionsQuery = (api: Api) =>
  queryOptions({
    queryKey: keys.sessions,
    queryFn: async () => (await answered(api.http.GET('/api/me/sessions'))).items,
  })

export const stepsQuery = (api: Api, incident_id: string, investigation_id: string) =>
  queryOptions({
    queryKey: [...keys.steps(incident_id), investigation_id],
    queryFn: async () =>
      (
        await answered(
          api.http.GET('/api/incidents/{incident_id}/investigations/{investigation_id}/steps', {
            params: { path: { incident_id, investigation_id } },
          }),
        )
      ).items,
  })

export const similarQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: keys.similar(id),
    queryFn: async () => (await answered(api.http.GET('/api/incidents/{incident_id}/similar', of(id)))).items,
  })

export const incidentRunbooksQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: keys.incidentRunbooks(id),
    queryFn: async () =>
      (await answered(api.http.GET('/api/incidents/{incident_id}/runbooks', of(id)))).items,
  })

export const runbooksQuery = (api: Api, q: string) =>
  infiniteQueryOptions({
    queryKey: [...keys.runbooks, 'list', q],
    queryFn: ({ pageParam }) =>
      answered(
        api.http.GET('/api/runbooks', { params: { query: { ...(q ? { q } : {}), ...from(pageParam) } } }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: (before) => before,
  })

export const runbookQuery = (api: Api, runbook_id: string) =>
  queryOptions({
    queryKey: keys.runbook(runbook_id),
    queryFn: () => answered(api.http.GET('/api/runbooks/{runbook_id}', { params: { path: { runbook_id } } })),
  })
