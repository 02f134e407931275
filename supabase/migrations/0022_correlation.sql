-- Correlation: alerts that belong together share an incident, with the reason; a person can merge and split.

alter table public.incidents
    add column owner text check (char_length(owner) <= 300),
    add column merged_into uuid references public.incidents (id) on delete set null;
comment on column public.incidents.owner is
    'what the target is a replica of: a workload of its namespace, or project/service of a compose project';
comment on column public.incidents.merged_into is 'the incident that took over when a person merged this one';

-- New trouble asks for open incidents about the same thing.
create index idx_incidents_active_target on public.incidents (team_id, target)
    where status not in ('resolved', 'failed');
create index idx_incidents_active_owner on public.incidents (team_id, owner)
    where owner is not null and status not in ('resolved', 'failed');
create index idx_incidents_merged_into on public.incidents (merged_into) where merged_into is not null;

-- Trouble that is counted to an incident which another trouble opened. It holds while that incident is open.
create table public.incident_joins (
    incident_id uuid not null references public.incidents (id) on delete cascade,
    team_id     uuid not null references public.teams (id) on delete cascade,
    fingerprint text not null,
    kind        text not null check (kind in ('same_target', 'same_owner', 'same_host', 'dependency', 'same_deploy', 'person')),
    reason      text not null,
    joined_at   timestamptz not null default now(),
    primary key (incident_id, fingerprint)
);
create index idx_incident_joins_fingerprint on public.incident_joins (team_id, fingerprint);

-- What needs what, by target: declared by people, or seen by an investigation.
create table public.dependencies (
    team_id     uuid not null references public.teams (id) on delete cascade,
    target      text not null check (char_length(target) between 1 and 300),
    depends_on  text not null check (char_length(depends_on) between 1 and 300),
    origin      text not null check (origin in ('declared', 'seen')),
    incident_id uuid references public.incidents (id) on delete set null,
    created_by  text,
    created_at  timestamptz not null default now(),
    primary key (team_id, target, depends_on),
    check (target <> depends_on)
);
create index idx_dependencies_depends_on on public.dependencies (team_id, depends_on);

alter table public.incident_joins enable row level security;
alter table public.dependencies enable row level security;
create policy incident_joins_read on public.incident_joins for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
create policy dependencies_read on public.dependencies for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
grant select on public.incident_joins, public.dependencies to authenticated;
