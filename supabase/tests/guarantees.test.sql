-- What the tables promise whoever writes to them, the service included.
begin;
create extension if not exists pgtap with schema extensions;
set local search_path = public, extensions;
\ir fixtures/two_teams.psql
select no_plan();

create temporary table alpha as
    select t.id as team_id, i.id as incident_id, a.id as action_id
    from public.teams t join public.incidents i on i.team_id = t.id join public.actions a on a.incident_id = i.id
    where t.slug = 'pgtap-alice';

-- The timeline is append-only.
select throws_ok($$update public.incident_events set message = 'something else'$$, '23001', null, 'an event cannot be changed');
select throws_ok($$delete from public.incident_events$$, '23001', null, 'an event cannot be deleted');
select is((select count(*) from public.incident_events e join alpha using (incident_id)), 1::bigint, 'the event is still there');

-- At most one active incident per fingerprint and team.
prepare repeat(text) as insert into public.incidents (team_id, title, target, severity, fingerprint, status)
    select team_id, 'again', 'shop', 'high', 'shop', $1 from alpha;
select throws_ok(format('execute repeat(%L)', status), '23505', null, 'no second incident of a fingerprint while one is active: ' || status)
from unnest(array['detected', 'investigating', 'analyzed', 'awaiting_approval', 'executing_solution', 'verifying']) as status;
select lives_ok(format('execute repeat(%L)', status), 'a closed one does not count: ' || status)
from unnest(array['resolved', 'failed']) as status;
select throws_ok($$update public.incidents set status = 'detected' where fingerprint = 'shop' and status = 'failed'$$, '23505', null,
                 'a closed one cannot be opened beside the active one');
select is((select count(*) from public.incidents where fingerprint = 'shop' and status = 'detected'), 2::bigint,
          'two teams may watch the same thing');
select lives_ok($$insert into public.incidents (team_id, title, target, severity) select team_id, 'by hand', 't', 'low'
                  from alpha, generate_series(1, 2)$$, 'incidents without a fingerprint are never merged');

-- At most one action on its way.
update public.actions set status = 'drafted' where id = (select action_id from alpha);
prepare another(text) as insert into public.actions (team_id, incident_id, kind, params, target, title, risk, status, digest)
    select team_id, incident_id, 'docker.restart_container', '{}', 'shop', 'Restart', 'low', $1, 'd' from alpha;
select throws_ok(format('execute another(%L)', status), '23505', null, 'one action at a time: ' || status)
from unnest(array['drafted', 'proposed', 'approved', 'executing']) as status;
select lives_ok(format('execute another(%L)', status), 'a finished action does not stand in the way: ' || status)
from unnest(array['advice', 'succeeded', 'failed', 'unknown', 'rejected', 'expired', 'stale', 'withdrawn']) as status;
select throws_ok($$update public.actions set status = 'proposed', digest = null where id = (select action_id from alpha)$$, '23514',
                 null, 'nothing is proposed without the digest of what it is');
select throws_ok($$insert into public.action_executions (team_id, action_id, worker, started_at)
                   select team_id, action_id, 'w2', now() from alpha$$, '23505', null, 'an action is executed once');
select throws_ok($$insert into public.action_decisions (team_id, action_id, user_id, who, decision, digest)
                   select alpha.team_id, action_id, p.id, 'alice', 'approve', 'd' from alpha, person p where p.name = 'alice'$$, '23505', null,
                 'one person approves once');

-- Each team counts its own incidents.
select results_eq(
    $$select i.number from public.incidents i join alpha using (team_id) order by i.number$$,
    $$select n::bigint from generate_series(1, (select count(*)::int from public.incidents i join alpha using (team_id))) n$$,
    'incident numbers of a team have no gaps');
select is((select min(number) from public.incidents i join public.teams t on t.id = i.team_id where t.slug = 'pgtap-bob'), 1::bigint,
          'another team starts at 1');

-- Foreign and impossible values are refused by the tables, not by good manners.
select throws_ok($$insert into public.incidents (team_id, title, target, severity) select team_id, 't', 't', 'urgent' from alpha$$,
                 '23514', null, 'severities are a closed list');
select throws_ok($$insert into public.incidents (team_id, title, target, severity, status) select team_id, 't', 't', 'low', 'open' from alpha$$,
                 '23514', null, 'statuses are a closed list');
select throws_ok($$insert into public.team_members (team_id, user_id, role) select team_id, gen_random_uuid(), 'owner' from alpha$$,
                 '23503', null, 'a member is somebody who can sign in');
select throws_ok($$insert into public.integrations (team_id, kind, name, token_hash, token_prefix)
                   select t.id, 'alertmanager', 'copy', i.token_hash, 'nd_' from public.integrations i, public.teams t
                   where t.slug in ('pgtap-bob') limit 1$$, '23505', null, 'a webhook token belongs to one team');

-- The audit log is append-only.
insert into public.audit_logs (team_id, actor_kind, actor, action, object_type) select team_id, 'person', 'alice', 'team.update', 'team' from alpha;
select throws_ok($$update public.audit_logs set actor = 'bob'$$, '23001', null, 'what is audited cannot be changed');
select throws_ok($$delete from public.audit_logs$$, '23001', null, 'what is audited cannot be deleted');
select throws_ok($$truncate public.audit_logs$$, '23001', null, 'what is audited cannot be emptied out');

-- People and keys.
select throws_ok($$insert into public.api_keys (team_id, name, key_prefix, key_hash, scopes)
                   select team_id, 'robot', 'ndk_x', 'h', array['incident.read', 'action.decide'] from alpha$$, '23514', null,
                 'no API key approves actions');
prepare invite(text) as insert into public.invitations (team_id, email, role, token_hash, expires_at)
    select team_id, $1, 'viewer', sha256(gen_random_uuid()::text::bytea), now() + interval '1 day' from alpha;
select lives_ok($$execute invite('dora@example.org')$$, 'somebody is invited');
select throws_ok($$execute invite('dora@example.org')$$, '23505', null, 'and not a second time while that is open');
select throws_ok($$execute invite('Eve@example.org')$$, '23514', null, 'addresses are kept in one spelling');
select throws_ok($$insert into public.impersonations (admin_id, admin_name, team_id, user_id, user_name, reason, expires_at)
                   select p.id, 'alice', alpha.team_id, p.id, 'alice', 'to help', now() + interval '1 day'
                   from alpha, person p where p.name = 'alice'$$, '23514', null, 'nobody acts as somebody else for a day');

-- A team goes with everything it owns, its timeline included.
select lives_ok($$delete from public.teams where slug = 'pgtap-alice'$$, 'a team can be deleted');
select is((select count(*) from public.incident_events e join alpha using (incident_id)), 0::bigint, 'and nothing of it stays');
select is((select count(*) from public.audit_logs l join alpha using (team_id)), 0::bigint, 'its audit log neither');

select * from finish();
rollback;
