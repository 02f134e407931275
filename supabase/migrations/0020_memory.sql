-- Memory: runbooks that a team writes, the log lines an incident is recognised by, and what a person says the cause was.

create table public.runbooks (
    id               uuid primary key default gen_random_uuid(),
    team_id          uuid not null references public.teams (id) on delete cascade,
    slug             text not null check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) <= 80),
    title            text not null check (char_length(title) between 1 and 200),
    categories       text[] not null default '{}',
    targets          text[] not null default '{}',
    actions          text[] not null default '{}',
    body_md          text not null check (char_length(body_md) between 1 and 100000),
    words            text not null default '',
    version          integer not null default 1 check (version > 0),
    path             text check (char_length(path) between 1 and 500),
    imported_sha256  text,
    imported_version integer,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    updated_by       text not null,
    search           tsvector generated always as (
        setweight(to_tsvector('pg_catalog.english', title), 'A') ||
        setweight(to_tsvector('pg_catalog.simple', title || ' ' || words), 'A') ||
        setweight(to_tsvector('pg_catalog.english', body_md), 'B') ||
        setweight(to_tsvector('pg_catalog.simple', body_md), 'C')) stored,
    unique (team_id, slug),
    unique (team_id, path),
    check ((path is null) = (imported_sha256 is null) and (path is null) = (imported_version is null))
);
comment on column public.runbooks.words is 'categories, targets and actions as words, for the search';
comment on column public.runbooks.path is 'the file of an imported folder it came from; null: written here';
comment on column public.runbooks.imported_version is 'the version the file made; a newer one was edited here';
create index idx_runbooks_search on public.runbooks using gin (search);
create index idx_runbooks_team on public.runbooks (team_id, updated_at desc, id desc);

-- Which kinds of line an incident's logs showed: what makes two incidents look alike.
create table public.incident_templates (
    incident_id uuid not null references public.incidents (id) on delete cascade,
    team_id     uuid not null references public.teams (id) on delete cascade,
    fingerprint text not null,
    template    text not null,
    primary key (incident_id, fingerprint)
);
create index idx_incident_templates_team on public.incident_templates (team_id, fingerprint);

-- Set when a person said what the cause was: root_cause, incident_type and verdict are then theirs. What the agent
-- concluded stays in its reports and hypotheses.
alter table public.incidents
    add column root_cause_by text,
    add column root_cause_by_id uuid,
    add column root_cause_at timestamptz,
    add constraint incidents_root_cause_by_check check ((root_cause_by is null) = (root_cause_at is null));
create index idx_incidents_type on public.incidents (team_id, incident_type, created_at desc);

alter table public.runbooks enable row level security;
alter table public.incident_templates enable row level security;
create policy runbooks_read on public.runbooks for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
create policy incident_templates_read on public.incident_templates for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
grant select on public.runbooks, public.incident_templates to authenticated;
