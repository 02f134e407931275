// What belongs together: what needs what, as people declared it and investigations saw it; and whether a storm is running.
import { queryOptions } from '@tanstack/react-query'
import type { Api } from './client'
import { keys } from './keys'
import { answered } from './problem'
import type { Dependency, Incident, NewDependency } from './types'

const AGAIN_MS = 30_000

/** While it runs its end is asked for: nothing tells of alerts that do not come. */
export const stormQuery = (api: Api) =>
  queryOptions({
    queryKey: keys.storm,
    queryFn: () => answered(api.http.GET('/api/storm')),
    refetchInterval: ({ state }) => (state.data?.running ? AGAIN_MS : false),
  })

export const dependenciesQuery = (api: Api) =>
  queryOptions({
    queryKey: keys.dependencies,
    queryFn: async () => (await answered(api.http.GET('/api/dependencies'))).items,
  })

/** One that was only seen becomes declared. */
export const declareDependency = (api: Api, body: NewDependency): Promise<Dependency> =>
  answered(api.http.PUT('/api/dependencies', { body }))

export const forgetDependency = (api: Api, { target, depends_on }: NewDependency): Promise<unknown> =>
  answered(api.http.DELETE('/api/dependencies', { params: { query: { target, depends_on } } }))

export const joinsQuery = (api: Api, incident_id: string) =>
  queryOptions({
    queryKey: keys.joins(incident_id),
    queryFn: async () =>
      (
        await answered(
          api.http.GET('/api/incidents/{incident_id}/joins', { params: { path: { incident_id } } }),
        )
      ).items,
  })

/** Answers the incident that goes on. */
export const mergeIncident = (api: Api, id: string, into: string, reason: string): Promise<Incident> =>
  answered(
    api.http.POST('/api/incidents/{incident_id}/merge', {
      params: { path: { incident_id: id } },
      body: { into, reason },
    }),
  )

/** Answers the new incident. */
export const splitIncident = (api: Api, id: string, alert_ids: string[], reason: string): Promise<Incident> =>
  answered(
    api.http.POST('/api/incidents/{incident_id}/split', {
      params: { path: { incident_id: id } },
      body: { alert_ids, reason },
    }),
  )
