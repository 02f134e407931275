-- What opens incidents: integrations with their alerts, monitors with their checks.

create table public.integrations (
    id           uuid primary key default gen_random_uuid(),
    team_id      uuid not null references public.teams (id) on delete cascade,
    kind         text not null,
    name         text not null check (char_length(name) between 1 and 200),
    token_hash   bytea not null unique,
    token_prefix text not null,
    created_at   timestamptz not null default now(),
    last_used_at timestamptz,
    revoked_at   timestamptz
);
comment on column public.integrations.token_hash is 'sha256 of the webhook token; the token itself is shown once';
create index idx_integrations_team on public.integrations (team_id, created_at);

-- One row per firing of an alert: (fingerprint, starts_at) is what Alertmanager repeats and later resolves.
create table public.alerts (
    id             uuid primary key default gen_random_uuid(),
    team_id        uuid not null references public.teams (id) on delete cascade,
    integration_id uuid references public.integrations (id) on delete set null,
    incident_id    uuid references public.incidents (id) on delete set null,
    source         text not null,
    fingerprint    text not null,
    status         text not null check (status in ('firing', 'resolved')),
    severity       text not null check (severity in ('critical', 'high', 'medium', 'low')),
    name           text not null,
    labels         jsonb not null default '{}',
    annotations    jsonb not null default '{}',
    generator_url  text,
    external_url   text,
    group_key      text,
    receiver       text,
    starts_at      timestamptz not null,
    ends_at        timestamptz,
    received_at    timestamptz not null default now(),
    last_received_at timestamptz not null default now(),
    receipts       integer not null default 1
);
create unique index idx_alerts_firing on public.alerts (team_id, source, fingerprint, starts_at);
create index idx_alerts_incident on public.alerts (incident_id, starts_at);

create table public.monitors (
    id                    uuid primary key default gen_random_uuid(),
    team_id               uuid not null references public.teams (id) on delete cascade,
    name                  text not null check (char_length(name) between 1 and 200),
    type                  text not null,
    address               text not null check (char_length(address) between 1 and 2048),
    port                  integer check (port between 1 and 65535),
    interval_seconds      integer not null default 60 check (interval_seconds between 1 and 86400),
    timeout_seconds       double precision not null default 10 check (timeout_seconds > 0 and timeout_seconds <= 120),
    config                jsonb not null default '{}',
    failure_threshold     integer not null default 2 check (failure_threshold between 1 and 20),
    recovery_threshold    integer not null default 2 check (recovery_threshold between 1 and 20),
    severity              text not null default 'high' check (severity in ('critical', 'high', 'medium', 'low')),
    is_active             boolean not null default true,
    is_paused             boolean not null default false,
    status                text not null default 'pending' check (status in ('pending', 'up', 'down', 'unknown', 'paused')),
    last_response_time_ms integer,
    last_status_code      integer,
    last_error            text,
    last_checked_at       timestamptz,
    last_up_at            timestamptz,
    last_down_at          timestamptz,
    consecutive_failures  integer not null default 0,
    consecutive_successes integer not null default 0,
    uptime_percentage     numeric(7, 3),
    heartbeat_token       text unique,
    tags                  jsonb not null default '[]',
    notes                 text,
    next_check_at         timestamptz not null default now(),
    lease_until           timestamptz,
    leased_by             text,
    created_at            timestamptz not null default now(),
    updated_at            timestamptz not null default now()
);
create index idx_monitors_due on public.monitors (next_check_at) where is_active and not is_paused;
create index idx_monitors_team on public.monitors (team_id, name);

alter table public.incidents
    add constraint incidents_monitor_id_fkey foreign key (monitor_id) references public.monitors (id) on delete set null;

-- High volume: partitioned by week, so that retention is DROP TABLE. The default partition catches what has none yet.
create table public.monitor_checks (
    id               bigint generated always as identity,
    monitor_id       uuid not null references public.monitors (id) on delete cascade,
    team_id          uuid not null,
    status           text not null check (status in ('up', 'down', 'unknown')),
    response_time_ms integer,
    status_code      integer,
    error_message    text,
    metadata         jsonb not null default '{}',
    checked_at       timestamptz not null,
    primary key (id, checked_at)
) partition by range (checked_at);
create index idx_monitor_checks_monitor on public.monitor_checks (monitor_id, checked_at desc);
create table public.monitor_checks_default partition of public.monitor_checks default;
alter table public.monitor_checks_default enable row level security;

-- Makes the partitions of this week and the next and drops those older than `keep_days`. Returns what it dropped.
create function nightdesk.maintain_monitor_checks(at timestamptz, keep_days integer) returns setof text
    language plpgsql security definer set search_path = ''
as $$
declare
    week date;
    part text;
begin
    for week in select (date_trunc('week', at) + make_interval(weeks => n))::date from generate_series(0, 1) as n loop
        part := 'monitor_checks_' || to_char(week, 'YYYYMMDD');
        if to_regclass('public.' || part) is null
           and not exists (select 1 from public.monitor_checks_default
                           where checked_at >= week and checked_at < week + 7) then
            execute format('create table public.%I partition of public.monitor_checks for values from (%L) to (%L)',
                           part, week::timestamp at time zone 'UTC', (week + 7)::timestamp at time zone 'UTC');
            execute format('alter table public.%I enable row level security', part);
        end if;
    end loop;
    for part in
        select c.relname from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'public.monitor_checks'::regclass and c.relname ~ '^monitor_checks_[0-9]{8}$'
          and to_date(right(c.relname, 8), 'YYYYMMDD') + 7 < (at - make_interval(days => keep_days))::date
    loop
        execute format('drop table public.%I', part);
        return next part;
    end loop;
end
$$;
revoke all on function nightdesk.maintain_monitor_checks(timestamptz, integer) from public;

alter table public.integrations enable row level security;
alter table public.alerts enable row level security;
alter table public.monitors enable row level security;
alter table public.monitor_checks enable row level security;
create policy integrations_read on public.integrations for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
create policy alerts_read on public.alerts for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
create policy monitors_read on public.monitors for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
create policy monitor_checks_read on public.monitor_checks for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
-- A token's hash and a heartbeat token are nobody's to read: columns are granted by name.
grant select (id, team_id, kind, name, token_prefix, created_at, last_used_at, revoked_at) on public.integrations to authenticated;
grant select on public.alerts, public.monitor_checks to authenticated;
grant select (id, team_id, name, type, address, port, interval_seconds, timeout_seconds, config, failure_threshold,
              recovery_threshold, severity, is_active, is_paused, status, last_response_time_ms, last_status_code, last_error,
              last_checked_at, last_up_at, last_down_at, consecutive_failures, consecutive_successes, uptime_percentage,
              tags, notes, next_check_at, created_at, updated_at) on public.monitors to authenticated;
