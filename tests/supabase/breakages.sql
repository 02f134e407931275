-- Each statement takes away one guarantee; the pgTAP file named before it must notice. Read by test_pgtap.py.

-- access: a table nobody wrote down
create table public.extra (id int); alter table public.extra enable row level security;

-- access: a table without row-level security
alter table public.alerts disable row level security;

-- access: a partition without it
alter table public.monitor_checks_default disable row level security;

-- access: a grant to anon
grant select on public.teams to anon;

-- access: a grant of one column to anon
grant select (id) on public.teams to anon;

-- access: a grant to everybody
grant select (component) on public.system_health to public;

-- access: leave to update one column
grant update (title) on public.incidents to authenticated;

-- access: leave to truncate
grant truncate on public.incidents to authenticated;

-- access: a hidden column granted
grant select (token_hash) on public.integrations to authenticated;

-- access: a secret in a new column
alter table public.incidents add column api_token text;

-- access: a view around the policies
create view public.everything as select * from public.incidents;

-- access: a policy for everybody
create policy p on public.teams for select using (true);

-- access: a policy that lets people write
create policy p on public.teams for delete to authenticated using (id in (select nightdesk.my_teams()));

-- access: a function to call
create function nightdesk.f() returns int language sql as 'select 1';

-- access: a look into the queue
grant usage on schema jobs to authenticated;

-- access: a published table
alter publication supabase_realtime add table public.actions;

-- access: a function with the caller's path
alter function nightdesk.my_teams() reset search_path;

-- isolation: a policy that lets everything through
create policy p on public.evidence for select to authenticated using (true);

-- isolation: membership that everybody has
create or replace function nightdesk.my_teams() returns setof uuid language sql stable security definer set search_path = '' as 'select id from public.teams';

-- isolation: a readable secret
grant select on public.runbook_hooks to authenticated;

-- isolation: a channel for everybody
create policy p on realtime.messages for select to authenticated using (true);

-- guarantees: a timeline that can be rewritten
drop trigger incident_events_append_only on public.incident_events;

-- guarantees: fingerprints that repeat
drop index public.idx_incidents_active_fingerprint;

-- guarantees: two actions at a time
drop index public.idx_actions_current;

-- guarantees: an action executed twice
alter table public.action_executions drop constraint action_executions_action_id_key;

-- isolation: a visit that never ends
create or replace function nightdesk.my_teams() returns setof uuid language sql stable security definer set search_path = '' as 'select team_id from public.team_members where user_id = (select auth.uid()) union select team_id from public.impersonations where admin_id = (select auth.uid())';

-- guarantees: an audit log that forgets
drop trigger audit_logs_append_only on public.audit_logs;

-- guarantees: a key that approves
alter table public.api_keys drop constraint api_keys_scopes_check;
