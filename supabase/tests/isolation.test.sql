-- A team sees its own rows and nobody else's: every readable table, through plain SQL with the claims of a token.
begin;
create extension if not exists pgtap with schema extensions;
set local search_path = public, extensions;
\ir fixtures/expected.psql
\ir fixtures/two_teams.psql
select no_plan();

-- How each table says whose a row is, and a query that only counts.
create temporary table readable as
    select e.name, case when e.name = 'teams' then 'id' else 'team_id' end as owner from expected e where e.readable;
create function pg_temp.mine(who text, asked text) returns bigint language plpgsql as $$
declare
    n bigint;
begin
    execute format('select count(*) from public.%I where %I = (select team_id from person where name = %L)', asked,
                   (select r.owner from readable r where r.name = asked), who) into n;
    return n;
end
$$;

select is_empty(
    $$select r.name, p.name from readable r, person p where p.team_id is not null and pg_temp.mine(p.name, r.name) = 0$$,
    'the fixture has a row of each team in every readable table');

select pg_temp.sign_in('alice');
select is(pg_temp.as_role('authenticated', format('select count(*) from public.%I', name)), pg_temp.mine('alice', name)::text,
          'Alice sees exactly the rows of her team in ' || name)
from readable order by name;
select is(pg_temp.as_role('authenticated', format('select count(*) from public.%I where %I = %L', r.name, r.owner, p.team_id)),
          '0', 'Alice asks for Bob''s rows in ' || r.name || ' and finds none')
from readable r, person p where p.name = 'bob' order by r.name;

select pg_temp.sign_in('bob');
select is(pg_temp.as_role('authenticated', format('select count(*) from public.%I', name)), pg_temp.mine('bob', name)::text,
          'Bob sees exactly the rows of his team in ' || name)
from readable order by name;

select pg_temp.sign_in('charlie');
select is(pg_temp.as_role('authenticated', format('select count(*) from public.%I', name)), '0',
          'Charlie, who is in no team, sees nothing in ' || name)
from readable order by name;

select set_config('request.jwt.claims', '', true);
select is(pg_temp.as_role('authenticated', format('select count(*) from public.%I', name)), '0',
          'without claims there is nothing in ' || name)
from readable order by name;
select is(pg_temp.as_role('anon', format('select count(*) from public.%I', name)), '42501', 'anon may not ask for ' || name)
from expected order by name;

-- What a person can write into their own profile is no proof of anything.
select set_config('request.jwt.claims', json_build_object(
    'sub', c.id, 'role', 'authenticated', 'team_id', b.team_id, 'teams', array[b.team_id],
    'user_metadata', json_build_object('team_id', b.team_id, 'role', 'owner'))::text, true)
from person c, person b where c.name = 'charlie' and b.name = 'bob';
select is(pg_temp.as_role('authenticated', 'select count(*) from public.incidents'), '0',
          'a team named in the token''s metadata opens nothing');

select pg_temp.sign_in('alice');
select is(pg_temp.as_role('authenticated', format('select %I from public.%I limit 1', column_name, name)), '42501',
          format('%s.%s is not to be read', name, column_name))
from expected, unnest(hidden) as column_name order by name, column_name;
select is(pg_temp.as_role('authenticated', format('select 1 from public.%I limit 1', name)), '42501', name || ' is not to be read')
from expected where not readable order by name;
select is(pg_temp.as_role('authenticated', format(command, name)), '42501', format(command, name) || ' is refused')
from expected, (values ('delete from public.%I'), ('insert into public.%I default values'), ('truncate public.%I cascade')) c (command)
order by name, command;

delete from public.team_members where user_id = (select id from person where name = 'alice');
select is(pg_temp.as_role('authenticated', 'select count(*) from public.incidents'), '0',
          'who leaves a team sees nothing of it from the next query on');
insert into public.team_members (team_id, user_id, role) select team_id, id, 'viewer' from person where name = 'alice';

-- Channels: the policy on realtime.messages is asked with the topic that somebody wants to join.
insert into realtime.messages (topic, extension, private)
    select 'team:' || team_id, 'broadcast', true from person where team_id is not null;
create function pg_temp.may_join(topic text) returns text language sql as $$
    select set_config('realtime.topic', topic, true);
    select pg_temp.as_role('authenticated', format('select count(*) > 0 from realtime.messages where topic = %L', topic));
$$;
select is(pg_temp.may_join('team:' || team_id), 'true', 'Alice may join the channel of her team') from person where name = 'alice';
select is(pg_temp.may_join('team:' || team_id), 'false', 'Alice may not join Bob''s channel') from person where name = 'bob';
select is(pg_temp.as_role('authenticated', format(
              $$insert into realtime.messages (topic, extension, private) values ('team:%s', 'broadcast', true)$$, team_id)),
          '42501', 'Alice may not speak on the channel, only listen')
from person where name = 'alice';

-- A suspended team is seen by those who can do something about it.
create function pg_temp.incidents_of(who text) returns text language sql as $$
    select pg_temp.as_role('authenticated', format('select count(*) > 0 from public.incidents where team_id = %L', team_id))
    from person where name = who
$$;
update public.teams set suspended_at = now() where id = (select team_id from person where name = 'alice');
select is(pg_temp.incidents_of('alice'), 'false', 'a viewer sees nothing of a suspended team');
update public.team_members set role = 'admin' where user_id = (select id from person where name = 'alice');
select is(pg_temp.incidents_of('alice'), 'true', 'its admin still does');

-- An API key's claims name its team; the claims of a token that say nothing of the kind open nothing.
select set_config('request.jwt.claims', json_build_object('sub', gen_random_uuid(), 'nightdesk_team', team_id)::text, true)
from person where name = 'bob';
select is(pg_temp.incidents_of('bob'), 'true', 'a key of Bob''s team reads it');
select is(pg_temp.incidents_of('alice'), 'false', 'and no other');
select set_config('request.jwt.claims', json_build_object('sub', gen_random_uuid(), 'nightdesk_team', team_id)::text, true)
from person where name = 'alice';
select is(pg_temp.incidents_of('alice'), 'false', 'a key of a suspended team reads nothing');

-- A platform admin sees a foreign team while visiting it, and not a moment longer.
insert into public.impersonations (admin_id, admin_name, team_id, user_id, user_name, reason, started_at, expires_at)
    select c.id, 'charlie', b.team_id, b.id, 'bob', 'asked for help', now(), now() + interval '30 minutes'
    from person c, person b where c.name = 'charlie' and b.name = 'bob';
select pg_temp.sign_in('charlie');
select is(pg_temp.incidents_of('bob'), 'false', 'a visit by somebody who is no platform admin opens nothing');
insert into public.profiles (user_id, is_platform_admin) select id, true from person where name = 'charlie';
select is(pg_temp.incidents_of('bob'), 'true', 'the visiting platform admin sees the team');
select is(pg_temp.incidents_of('alice'), 'false', 'and no other one');
update public.impersonations set started_at = now() - interval '31 minutes', expires_at = now() - interval '1 minute';
select is(pg_temp.incidents_of('bob'), 'false', 'until the visit expires');
update public.impersonations set expires_at = now() + interval '10 minutes', ended_at = now();
select is(pg_temp.incidents_of('bob'), 'false', 'or is ended');

select * from finish();
rollback;
