-- Post-mortems keep every version; incidents.post_mortem_md is the newest one.

create table public.post_mortems (
    id          uuid primary key default gen_random_uuid(),
    team_id     uuid not null references public.teams (id) on delete cascade,
    incident_id uuid not null unique references public.incidents (id) on delete cascade,
    version     integer not null,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now()
);

create table public.post_mortem_versions (
    id             uuid primary key default gen_random_uuid(),
    team_id        uuid not null references public.teams (id) on delete cascade,
    post_mortem_id uuid not null references public.post_mortems (id) on delete cascade,
    version        integer not null,
    body_md        text not null,
    author         text not null,
    author_id      uuid,
    analyst        text check (analyst in ('rules', 'llm')),
    created_at     timestamptz not null default now(),
    unique (post_mortem_id, version)
);

alter table public.post_mortems enable row level security;
alter table public.post_mortem_versions enable row level security;
create policy post_mortems_read on public.post_mortems for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
create policy post_mortem_versions_read on public.post_mortem_versions for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
grant select on public.post_mortems, public.post_mortem_versions to authenticated;
