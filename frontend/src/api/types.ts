// The names the rest of the UI uses for what the API answers. Derived from paths, which are the contract; never from class names.
import type { paths } from './schema'

type Json<R> = R extends { content: { 'application/json': infer J } } ? J : never
type Answer<P extends keyof paths, M extends keyof paths[P]> = paths[P][M] extends { responses: infer R }
  ? R extends { 200: infer Ok }
    ? Json<Ok>
    : R extends { 201: infer Created }
      ? Json<Created>
      : never
  : never
type Body<P extends keyof paths, M extends keyof paths[P]> = paths[P][M] extends {
  requestBody?: { content: { 'application/json': infer J } }
}
  ? J
  : never
type Item<P extends keyof paths> =
  Answer<P, 'get' & keyof paths[P]> extends { items: (infer T)[] } ? T : never

export type Config = Answer<'/api/config', 'get'>
export type Me = Answer<'/api/me', 'get'>
export type System = Answer<'/api/system', 'get'>
export type Component = System['components'][number]

export type ListedIncident = Item<'/api/incidents'>
export type Incident = Omit<ListedIncident, 'alike'>
export type Storm = Answer<'/api/storm', 'get'>
export type IncidentDetail = Answer<'/api/incidents/{incident_id}', 'get'>
export type NewIncident = Body<'/api/incidents', 'post'>
export type Said = Body<'/api/incidents/{incident_id}/resolve', 'post'>
export type IncidentEvent = Item<'/api/incidents/{incident_id}/events'>
export type Evidence = Item<'/api/incidents/{incident_id}/evidence'>
export type Hypothesis = Item<'/api/incidents/{incident_id}/hypotheses'>
export type Citation = Hypothesis['supporting'][number]
export type Investigation = Item<'/api/incidents/{incident_id}/investigations'>
export type Step = Item<'/api/incidents/{incident_id}/investigations/{investigation_id}/steps'>
export type SimilarIncident = Item<'/api/incidents/{incident_id}/similar'>
export type FittingRunbook = Item<'/api/incidents/{incident_id}/runbooks'>
export type Join = Item<'/api/incidents/{incident_id}/joins'>
export type RunbookItem = Item<'/api/runbooks'>
export type Runbook = Answer<'/api/runbooks/{runbook_id}', 'get'>
export type NewRunbook = Body<'/api/runbooks', 'post'>
export type Alert = Item<'/api/incidents/{incident_id}/alerts'>
export type Action = Item<'/api/actions'>
export type PostMortem = Answer<'/api/incidents/{incident_id}/post-mortem', 'get'>

export type IncidentStatus = Incident['status']
export type Severity = Incident['severity']
export type Verdict = NonNullable<Incident['verdict']>
export type Confidence = NonNullable<Incident['confidence']>
export type Analyst = NonNullable<Incident['analyst']>
export type Verification = NonNullable<Incident['verification']>
export type IncidentVerb = keyof IncidentDetail['verbs']
export type Verb = IncidentDetail['verbs'][IncidentVerb]
export type ActionStatus = Action['status']
export type ActionVerb = keyof Action['verbs']
export type Risk = Action['risk']
export type Preview = NonNullable<Action['preview']>
export type Change = NonNullable<Preview['changes']>[number]
export type Check = NonNullable<Action['verification_detail']>['checks'][number]

export type Monitor = Item<'/api/monitors'>
export type MonitorStatus = Monitor['status']
export type NewMonitor = Body<'/api/monitors', 'post'>
export type MonitorPatch = Body<'/api/monitors/{monitor_id}', 'patch'>
export type MonitorCheck = Item<'/api/monitors/{monitor_id}/checks'>
export type Integration = Item<'/api/integrations'>
export type NewIntegration = Body<'/api/integrations', 'post'>
export type CreatedIntegration = Answer<'/api/integrations', 'post'>
export type Hook = Item<'/api/runbook-hooks'>
export type NewHook = Body<'/api/runbook-hooks', 'post'>
export type HookPatch = Body<'/api/runbook-hooks/{hook_id}', 'patch'>
export type Category = NonNullable<NewHook['categories']>[number]

export type Role = Me['role']
export type Permissions = Answer<'/api/permissions', 'get'>
export type ApiKey = Item<'/api/api-keys'>
export type NewApiKey = Body<'/api/api-keys', 'post'>
export type CreatedApiKey = Answer<'/api/api-keys', 'post'>
export type AuditEntry = Item<'/api/audit'>
export type Profile = Answer<'/api/me/profile', 'get'>
export type ProfilePatch = Body<'/api/me/profile', 'patch'>
export type TeamDetail = Answer<'/api/team', 'get'>
export type TeamPatch = Body<'/api/team', 'patch'>
export type Member = Item<'/api/team/members'>
export type Invitation = Item<'/api/team/invitations'>
export type NewInvitation = Body<'/api/team/invitations', 'post'>
export type SentInvitation = Answer<'/api/team/invitations', 'post'>
export type Session = Item<'/api/me/sessions'>
export type AdminTeam = Item<'/api/admin/teams'>
export type AdminTeamDetail = Answer<'/api/admin/teams/{team_id}', 'get'>
export type StartedVisit = Answer<'/api/admin/impersonations', 'post'>
export type SupportVisit = Item<'/api/admin/impersonations'>
export type Maintenance = Answer<'/api/admin/maintenance', 'get'>
export type SignInAttempt = Item<'/api/abuse/attempts'>
export type AttemptOutcome = SignInAttempt['outcome']
export type BlockedAddress = Item<'/api/abuse/blocked-ips'>
export type Usage = Answer<'/api/usage', 'get'>
export type UsageMonth = Usage['earlier'][number]
export type SecretPattern = Item<'/api/secret-patterns'>
export type NewSecretPattern = Body<'/api/secret-patterns', 'post'>
export type Exchange = Item<'/api/incidents/{incident_id}/investigations/{investigation_id}/transcript'>
export type Dependency = Item<'/api/dependencies'>
export type NewDependency = Body<'/api/dependencies', 'put'>
export type RunbookFile = Body<'/api/runbooks/import', 'post'>['files'][number]
export type ImportedRunbooks = Answer<'/api/runbooks/import', 'post'>
export type NewTeam = Body<'/api/teams', 'post'>
export type InvitationInfo = Answer<'/api/invitations/{token}', 'get'>
