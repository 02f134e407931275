-- What the kernel adds to an incident: its team, its lifecycle beyond Sentinel's, and a timeline that says who and why.

alter table public.incidents
    add column team_id uuid references public.teams (id) on delete cascade,
    add column number bigint,
    add column description text,
    add column namespace text,
    add column labels jsonb not null default '{}',
    add column monitor_id uuid,
    add column occurrences integer not null default 1 check (occurrences > 0),
    add column started_at timestamptz,
    add column last_seen_at timestamptz,
    add column firing boolean not null default true,
    add column acknowledged_at timestamptz,
    add column acknowledged_by text,
    add column resolved_by text,
    add column verdict text check (verdict in ('incident', 'not_an_incident', 'inconclusive')),
    add column root_cause text,
    add column confidence text check (confidence in ('confirmed', 'likely', 'possible', 'ruled_out')),
    add column analyst text check (analyst in ('rules', 'llm')),
    add column investigation_round integer not null default 0,
    add column verification text check (verification in ('recovered', 'not_recovered', 'inconclusive')),
    add column needs_person text;

comment on column public.incidents.firing is 'false once every alert and monitor behind the incident has recovered';
comment on column public.incidents.needs_person is 'why the automation stopped and waits for a person; null while it can go on';

update public.incidents set team_id = (select id from public.teams where slug = 'default') where team_id is null;
update public.incidents set started_at = created_at, last_seen_at = created_at;
with numbered as (select id, row_number() over (order by created_at, id) as n from public.incidents)
update public.incidents i set number = numbered.n from numbered where numbered.id = i.id;

alter table public.incidents
    alter column team_id set not null,
    alter column number set not null,
    alter column started_at set not null,
    alter column started_at set default now(),
    alter column last_seen_at set not null,
    alter column last_seen_at set default now(),
    drop constraint incidents_source_type_check,
    add constraint incidents_source_type_check
        check (source_type in ('container', 'database', 'manual', 'monitor', 'host'));

create unique index idx_incidents_number on public.incidents (team_id, number);
create index idx_incidents_team_created on public.incidents (team_id, created_at desc, id desc);
create index idx_incidents_team_target on public.incidents (team_id, target, created_at desc);

-- Two teams may watch the same thing: "one active incident per fingerprint" holds within a team. Same name as before, so
-- that running 0002 again changes nothing.
drop index public.idx_incidents_active_fingerprint;
create unique index idx_incidents_active_fingerprint
    on public.incidents (team_id, fingerprint)
    where fingerprint is not null and status not in ('resolved', 'failed');

-- The next incident number of a team, without gaps that a person would ask about.
create table nightdesk.incident_numbers (
    team_id uuid primary key references public.teams (id) on delete cascade,
    last    bigint not null
);
insert into nightdesk.incident_numbers select team_id, max(number) from public.incidents group by team_id;

create function nightdesk.number_incident() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    insert into nightdesk.incident_numbers as n values (new.team_id, 1)
        on conflict (team_id) do update set last = n.last + 1
        returning last into new.number;
    return new;
end
$$;
create trigger incidents_number before insert on public.incidents
    for each row when (new.number is null) execute function nightdesk.number_incident();

alter table public.incident_events
    add column team_id uuid references public.teams (id) on delete cascade,
    add column seq bigint generated always as identity,
    add column verb text not null default 'transition',
    add column from_status text,
    add column actor_kind text not null default 'system' check (actor_kind in ('system', 'agent', 'person', 'source')),
    add column actor_id uuid,
    add column actor text,
    add column message text not null default '',
    add column data jsonb not null default '{}';
update public.incident_events e set team_id = i.team_id from public.incidents i where i.id = e.incident_id;
alter table public.incident_events alter column team_id set not null;
create unique index idx_incident_events_seq on public.incident_events (incident_id, seq);

-- Append-only. A row goes only when its incident goes (ON DELETE CASCADE runs at trigger depth > 0).
create function nightdesk.append_only() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    if tg_op = 'DELETE' and pg_trigger_depth() > 1 then
        return old;
    end if;
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end
$$;
create trigger incident_events_append_only before update or delete on public.incident_events
    for each row execute function nightdesk.append_only();

alter table public.incidents enable row level security;
alter table public.incident_events enable row level security;
create policy incidents_read on public.incidents for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
create policy incident_events_read on public.incident_events for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
grant select on public.incidents, public.incident_events to authenticated;

do $$
begin
    if exists (select 1 from pg_publication where pubname = 'supabase_realtime') then
        alter publication supabase_realtime add table public.incident_events;
    end if;
end
$$;
