-- Changes: what CI and people say they have rolled out, switched or configured. An investigation asks what came just before.

create table public.changes (
    id            uuid primary key default gen_random_uuid(),
    team_id       uuid not null references public.teams (id) on delete cascade,
    key           text check (char_length(key) between 1 and 200),
    kind          text not null check (kind in ('deploy', 'rollback', 'config', 'feature_flag', 'migration', 'scale',
                                                'infrastructure', 'other')),
    target        text not null check (char_length(target) between 1 and 200),
    summary       text not null check (char_length(summary) between 1 and 1000),
    ref           text check (char_length(ref) between 1 and 200),
    url           text check (url ~ '^https?://' and char_length(url) <= 2048),
    at            timestamptz not null,
    registered_by text not null check (char_length(registered_by) between 1 and 300),
    created_at    timestamptz not null default now(),
    unique (team_id, key)
);
comment on column public.changes.key is 'what makes a repeated POST the same change; null: each POST is one';
comment on column public.changes.at is 'when it took effect, as whoever registered it says';
create index idx_changes_team_at on public.changes (team_id, at desc, id desc);

alter table public.changes enable row level security;
create policy changes_read on public.changes for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
grant select on public.changes to authenticated;
