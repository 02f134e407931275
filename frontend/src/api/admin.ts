// What those who run the installation can ask and do: all teams, visits to them, maintenance, attempts to sign in.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { Api } from './client'
import { keys } from './keys'
import { answered } from './problem'
import type { AttemptFilter, AuditFilter } from './queries'
import type { AdminTeamDetail, Maintenance, StartedVisit } from './types'

const team = (team_id: string) => ({ params: { path: { team_id } } })
const from = (cursor?: string) => (cursor === undefined ? {} : { cursor })

export const adminTeamsQuery = (api: Api, q: string) =>
  infiniteQueryOptions({
    queryKey: [...keys.adminTeams, q],
    queryFn: ({ pageParam }) =>
      answered(
        api.http.GET('/api/admin/teams', { params: { query: { ...(q ? { q } : {}), ...from(pageParam) } } }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: (before) => before,
  })

export const adminTeamQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: keys.adminTeam(id),
    queryFn: () => answered(api.http.GET('/api/admin/teams/{team_id}', team(id))),
  })

export const visitsQuery = (api: Api) =>
  queryOptions({
    queryKey: keys.visits,
    queryFn: async () => (await answered(api.http.GET('/api/admin/impersonations'))).items,
  })

export const maintenanceQuery = (api: Api) =>
  queryOptions({
    queryKey: keys.maintenance,
    queryFn: () => answered(api.http.GET('/api/admin/maintenance')),
  })

export const installationAuditQuery = (api: Api, filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: [...keys.installationAudit, filter],
    queryFn: ({ pageParam }) =>
      answered(api.http.GET('/api/admin/audit', { params: { query: { ...filter, ...from(pageParam) } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: (before) => before,
  })

export const attemptsQuery = (api: Api, filter: AttemptFilter) =>
  infiniteQueryOptions({
    queryKey: [...keys.attempts, filter],
    queryFn: ({ pageParam }) =>
      answered(api.http.GET('/api/abuse/attempts', { params: { query: { ...filter, ...from(pageParam) } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: (before) => before,
  })

export const blockedQuery = (api: Api) =>
  queryOptions({
    queryKey: keys.blocked,
    queryFn: async () => (await answered(api.http.GET('/api/abuse/blocked-ips'))).items,
  })

export const suspendTeam = (api: Api, id: string, reason: string): Promise<AdminTeamDetail> =>
  answered(api.http.POST('/api/admin/teams/{team_id}/suspend', { ...team(id), body: { reason } }))

export const unsuspendTeam = (api: Api, id: string): Promise<AdminTeamDetail> =>
  answered(api.http.POST('/api/admin/teams/{team_id}/unsuspend', team(id)))

/** `ends_at` null: the trial has no end. */
export const setTrial = (api: Api, id: string, ends_at: string | null): Promise<AdminTeamDetail> =>
  answered(api.http.PUT('/api/admin/teams/{team_id}/trial', { ...team(id), body: { ends_at } }))

export const startVisit = (
  api: Api,
  team_id: string,
  user_id: string,
  reason: string,
): Promise<StartedVisit> =>
  answered(api.http.POST('/api/admin/impersonations', { body: { team_id, user_id, reason } }))

export const endVisit = (api: Api, impersonation_id: string): Promise<unknown> =>
  answered(
    api.http.DELETE('/api/admin/impersonations/{impersonation_id}', {
      params: { path: { impersonation_id } },
    }),
  )

export const setMaintenance = (api: Api, on: boolean, notice: string): Promise<Maintenance> =>
  answered(api.http.PUT('/api/admin/maintenance', { body: { on, notice } }))

export const letIn = (api: Api, ip_address: string): Promise<unknown> =>
  answered(api.http.DELETE('/api/abuse/blocked-ips', { params: { query: { ip_address } } }))
