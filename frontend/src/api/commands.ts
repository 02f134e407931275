// What can be done: one function per verb. Each answers with the new state or throws Refusal or Unreachable.
import type { Api } from './client'
import { answered } from './problem'
import type {
  Action,
  CreatedIntegration,
  Hook,
  IncidentDetail,
  IncidentVerb,
  Monitor,
  MonitorPatch,
  NewHook,
  NewIncident,
  NewIntegration,
  NewMonitor,
  PostMortem,
} from './types'

const at = (id: string) => ({ params: { path: { id } } })

export const openIncident = (api: Api, body: NewIncident): Promise<IncidentDetail> =>
  answered(api.http.POST('/api/incidents', { body }))

export const actOnIncident = (api: Api, id: string, verb: IncidentVerb): Promise<IncidentDetail> =>
  answered(api.http.POST(`/api/incidents/{id}/${verb}`, at(id)))

export const approve = (api: Api, id: string, digest: string, comment: string): Promise<Action> =>
  answered(api.http.POST('/api/actions/{id}/approve', { ...at(id), body: { digest, comment } }))

export const reject = (api: Api, id: string, reason: string): Promise<Action> =>
  answered(api.http.POST('/api/actions/{id}/reject', { ...at(id), body: { reason } }))

export const postpone = (api: Api, id: string, until: string, reason: string): Promise<Action> =>
  answered(api.http.POST('/api/actions/{id}/postpone', { ...at(id), body: { until, reason } }))

export const savePostMortem = (
  api: Api,
  id: string,
  body_md: string,
  base_version: number,
): Promise<PostMortem> =>
  answered(api.http.PUT('/api/incidents/{id}/post-mortem', { ...at(id), body: { body_md, base_version } }))

export const createMonitor = (api: Api, body: NewMonitor): Promise<Monitor> =>
  answered(api.http.POST('/api/monitors', { body }))

export const changeMonitor = (api: Api, id: string, body: MonitorPatch): Promise<Monitor> =>
  answered(api.http.PATCH('/api/monitors/{id}', { ...at(id), body }))

export const deleteMonitor = (api: Api, id: string): Promise<unknown> =>
  answered(api.http.DELETE('/api/monitors/{id}', at(id)))

export const createIntegration = (api: Api, body: NewIntegration): Promise<CreatedIntegration> =>
  answered(api.http.POST('/api/integrations', { body }))

export const createHook = (api: Api, body: NewHook): Promise<Hook> =>
  answered(api.http.POST('/api/runbook-hooks', { body }))

export const deleteHook = (api: Api, id: string): Promise<unknown> =>
  answered(api.http.DELETE('/api/runbook-hooks/{id}', at(id)))
