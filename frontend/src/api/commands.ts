// What can be done: one function per verb. Each answers with the new state or throws Refusal or Unreachable.
import type { Api } from './client'
import { answered } from './problem'
import type { AuditFilter } from './queries'
import type {
  Category,
  NewInvitation,
  ImportedRunbooks,
  NewRunbook,
  Runbook,
  RunbookFile,
  Profile,
  ProfilePatch,
  Role,
  SentInvitation,
  TeamDetail,
  TeamPatch,
  Action,
  CreatedApiKey,
  CreatedIntegration,
  Hook,
  HookPatch,
  IncidentDetail,
  IncidentVerb,
  Monitor,
  MonitorPatch,
  NewApiKey,
  NewHook,
  NewIncident,
  NewIntegration,
  NewMonitor,
  NewTeam,
  PostMortem,
  Said,
} from './types'

const incident = (incident_id: string) => ({ params: { path: { incident_id } } })
const action = (action_id: string) => ({ params: { path: { action_id } } })
const monitor = (monitor_id: string) => ({ params: { path: { monitor_id } } })
const hook = (hook_id: string) => ({ params: { path: { hook_id } } })

export const openIncident = (api: Api, body: NewIncident): Promise<IncidentDetail> =>
  answered(api.http.POST('/api/incidents', { body }))

/** `said`: a comment for the timeline, a hint for the investigator. */
export const actOnIncident = (
  api: Api,
  id: string,
  verb: IncidentVerb,
  said: Said,
): Promise<IncidentDetail> =>
  answered(api.http.POST(`/api/incidents/{incident_id}/${verb}`, { ...incident(id), body: said }))

export const approve = (api: Api, id: string, digest: string, comment: string): Promise<Action> =>
  answered(api.http.POST('/api/actions/{action_id}/approve', { ...action(id), body: { digest, comment } }))

export const reject = (api: Api, id: string, digest: string | null, reason: string): Promise<Action> =>
  answered(api.http.POST('/api/actions/{action_id}/reject', { ...action(id), body: { digest, reason } }))

export const postpone = (
  api: Api,
  id: string,
  digest: string | null,
  until: string,
  reason: string,
): Promise<Action> =>
  answered(
    api.http.POST('/api/actions/{action_id}/postpone', { ...action(id), body: { digest, until, reason } }),
  )

export const savePostMortem = (
  api: Api,
  id: string,
  body_md: string,
  base_version: number,
): Promise<PostMortem> =>
  answered(
    api.http.PUT('/api/incidents/{incident_id}/post-mortem', {
      ...incident(id),
      body: { body_md, base_version },
    }),
  )

/** A zip that `nightdesk eval` can replay. */
export const exportScenario = (api: Api, id: string): Promise<Blob> =>
  answered(api.http.GET('/api/incidents/{incident_id}/scenario.zip', { ...incident(id), parseAs: 'blob' }))

export const createMonitor = (api: Api, body: NewMonitor): Promise<Monitor> =>
  answered(api.http.POST('/api/monitors', { body }))

export const changeMonitor = (api: Api, id: string, body: MonitorPatch): Promise<Monitor> =>
  answered(api.http.PATCH('/api/monitors/{monitor_id}', { ...monitor(id), body }))

export const deleteMonitor = (api: Api, id: string): Promise<unknown> =>
  answered(api.http.DELETE('/api/monitors/{monitor_id}', monitor(id)))

export const deleteIntegration = (api: Api, integration_id: string): Promise<unknown> =>
  answered(api.http.DELETE('/api/integrations/{integration_id}', { params: { path: { integration_id } } }))

export const createIntegration = (api: Api, body: NewIntegration): Promise<CreatedIntegration> =>
  answered(api.http.POST('/api/integrations', { body }))

/** `overlap_seconds`: how long the old token goes on working. */
export const rotateIntegration = (
  api: Api,
  integration_id: string,
  overlap_seconds: number,
): Promise<CreatedIntegration> =>
  answered(
    api.http.POST('/api/integrations/{integration_id}/rotate', {
      params: { path: { integration_id } },
      body: { overlap_seconds },
    }),
  )

export const createHook = (api: Api, body: NewHook): Promise<Hook> =>
  answered(api.http.POST('/api/runbook-hooks', { body }))

export const changeHook = (api: Api, id: string, body: HookPatch): Promise<Hook> =>
  answered(api.http.PATCH('/api/runbook-hooks/{hook_id}', { ...hook(id), body }))

export const deleteHook = (api: Api, id: string): Promise<unknown> =>
  answered(api.http.DELETE('/api/runbook-hooks/{hook_id}', hook(id)))

export const createApiKey = (api: Api, body: NewApiKey): Promise<CreatedApiKey> =>
  answered(api.http.POST('/api/api-keys', { body }))

export const revokeApiKey = (api: Api, key_id: string): Promise<unknown> =>
  answered(api.http.DELETE('/api/api-keys/{key_id}', { params: { path: { key_id } } }))

/** The whole log that the filter leaves, as CSV. A command, because the export itself is written down. */
export const exportAudit = (api: Api, filter: AuditFilter): Promise<string> =>
  answered(api.http.GET('/api/audit.csv', { params: { query: filter }, parseAs: 'text' }))

export const changeProfile = (api: Api, body: ProfilePatch): Promise<Profile> =>
  answered(api.http.PATCH('/api/me/profile', { body }))

/** `team`: its slug. */
export const chooseTeam = (api: Api, team: string): Promise<unknown> =>
  answered(api.http.POST('/api/me/team', { body: { team } }))

export const changeTeam = (api: Api, body: TeamPatch): Promise<TeamDetail> =>
  answered(api.http.PATCH('/api/team', { body }))

export const deleteTeam = (api: Api, confirm: string): Promise<unknown> =>
  answered(api.http.DELETE('/api/team', { body: { confirm } }))

export const leaveTeam = (api: Api): Promise<unknown> => answered(api.http.POST('/api/team/leave'))

export const transferTeam = (api: Api, user_id: string): Promise<unknown> =>
  answered(api.http.POST('/api/team/transfer', { body: { user_id } }))

const member = (user_id: string) => ({ params: { path: { user_id } } })

export const changeRole = (api: Api, user_id: string, role: Role): Promise<unknown> =>
  answered(api.http.PATCH('/api/team/members/{user_id}', { ...member(user_id), body: { role } }))

export const removeMember = (api: Api, user_id: string): Promise<unknown> =>
  answered(api.http.DELETE('/api/team/members/{user_id}', member(user_id)))

const invitation = (invitation_id: string) => ({ params: { path: { invitation_id } } })

export const invite = (api: Api, body: NewInvitation): Promise<SentInvitation> =>
  answered(api.http.POST('/api/team/invitations', { body }))

export const inviteAgain = (api: Api, id: string): Promise<SentInvitation> =>
  answered(api.http.POST('/api/team/invitations/{invitation_id}/resend', invitation(id)))

export const revokeInvitation = (api: Api, id: string): Promise<unknown> =>
  answered(api.http.DELETE('/api/team/invitations/{invitation_id}', invitation(id)))

export const acceptInvitation = (api: Api, token: string): Promise<unknown> =>
  answered(api.http.POST('/api/invitations/{token}/accept', { params: { path: { token } } }))

export const joinByInvitation = (
  api: Api,
  token: string,
  name: string,
  password: string,
): Promise<{ email: string }> =>
  answered(
    api.http.POST('/api/invitations/{token}/join', { params: { path: { token } }, body: { name, password } }),
  )

export const makeTeam = (api: Api, body: NewTeam): Promise<unknown> =>
  answered(api.http.POST('/api/teams', { body }))

/** Signs out one of one's own sessions, wherever it is. */
export const endSession = (api: Api, session_id: string): Promise<unknown> =>
  answered(api.http.DELETE('/api/me/sessions/{session_id}', { params: { path: { session_id } } }))

/** A person's word on the cause; it stands above what any investigation concludes. */
export const correctRootCause = (
  api: Api,
  id: string,
  root_cause: string,
  category: Category,
): Promise<IncidentDetail> =>
  answered(
    api.http.PUT('/api/incidents/{incident_id}/root-cause', {
      ...incident(id),
      body: { root_cause, category },
    }),
  )

export const createRunbook = (api: Api, body: NewRunbook): Promise<Runbook> =>
  answered(api.http.POST('/api/runbooks', { body }))

/** By path: the same path is the same runbook. What was edited here is not written over. */
export const importRunbooks = (api: Api, files: RunbookFile[]): Promise<ImportedRunbooks> =>
  answered(api.http.POST('/api/runbooks/import', { body: { files } }))

const runbook = (runbook_id: string) => ({ params: { path: { runbook_id } } })

/** `base_version`: the version that was read, so that nobody's change is lost. */
export const changeRunbook = (
  api: Api,
  id: string,
  base_version: number,
  body: Omit<NewRunbook, 'slug'>,
): Promise<Runbook> =>
  answered(api.http.PATCH('/api/runbooks/{runbook_id}', { ...runbook(id), body: { ...body, base_version } }))

export const deleteRunbook = (api: Api, id: string): Promise<unknown> =>
  answered(api.http.DELETE('/api/runbooks/{runbook_id}', runbook(id)))
