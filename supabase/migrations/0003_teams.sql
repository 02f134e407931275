-- Teams own everything; a person sees what the teams they belong to own.

-- Supabase projects made before May 2026, and self-hosted ones, hand every new table of public to whoever reaches the data API,
-- whole rows with their secrets. Here each grant is written down.
alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges in schema public revoke all on functions from anon, authenticated;
revoke all on public.incidents, public.incident_events from anon, authenticated;

create schema if not exists nightdesk;
revoke all on schema nightdesk from public;

create table public.teams (
    id         uuid primary key default gen_random_uuid(),
    name       text not null check (char_length(name) between 1 and 200),
    slug       text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    settings   jsonb not null default '{}',
    created_at timestamptz not null default now()
);

create table public.team_members (
    team_id    uuid not null references public.teams (id) on delete cascade,
    user_id    uuid not null references auth.users (id) on delete cascade,
    role       text not null check (role in ('owner', 'admin', 'responder', 'viewer')),
    created_at timestamptz not null default now(),
    primary key (team_id, user_id)
);
create index idx_team_members_user on public.team_members (user_id);

-- The teams of the caller. SECURITY DEFINER: a policy on team_members that reads team_members would recurse.
create function nightdesk.my_teams() returns setof uuid
    language sql stable security definer set search_path = ''
as $$ select team_id from public.team_members where user_id = (select auth.uid()) $$;
revoke all on function nightdesk.my_teams() from public;

do $$
begin
    grant usage on schema nightdesk to authenticated, service_role;
    grant execute on function nightdesk.my_teams() to authenticated, service_role;
end
$$;

alter table public.teams enable row level security;
alter table public.team_members enable row level security;
create policy teams_read on public.teams for select to authenticated
    using (id in (select nightdesk.my_teams()));
create policy team_members_read on public.team_members for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
grant select on public.teams, public.team_members to authenticated;

-- The team that everything belongs to until a second one is made.
insert into public.teams (name, slug) values ('Default', 'default');
