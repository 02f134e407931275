-- People and what they may do: profiles, the life of a team, invitations, API keys, audit, abuse, support access.
-- Nobody reads these tables directly: who may see them depends on more than membership, and our API knows it.

create table public.profiles (
    user_id           uuid primary key references auth.users (id) on delete cascade,
    name              text not null default '' check (char_length(name) <= 200),
    avatar_url        text check (avatar_url ~ '^https://' and char_length(avatar_url) <= 2048),
    time_zone         text not null default 'UTC' check (char_length(time_zone) between 1 and 64),
    locale            text not null default 'en' check (locale ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$' and char_length(locale) <= 35),
    preferences       jsonb not null default '{}' check (jsonb_typeof(preferences) = 'object'),
    current_team_id   uuid references public.teams (id) on delete set null,
    is_platform_admin boolean not null default false,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now()
);
create index idx_profiles_current_team on public.profiles (current_team_id) where current_team_id is not null;

-- Whoever owned the first team before there were platform admins ran the installation.
insert into public.profiles (user_id, is_platform_admin)
    select m.user_id, true from public.team_members m join public.teams t on t.id = m.team_id
    where t.slug = 'default' and m.role = 'owner' order by m.created_at, m.user_id limit 1;

-- A team's owner is its member with that role; there is no second place that could say otherwise.
alter table public.teams
    add column plan text not null default 'unlimited' check (char_length(plan) between 1 and 40),
    add column trial_ends_at timestamptz,
    add column suspended_at timestamptz,
    add column suspended_reason text check (char_length(suspended_reason) <= 500);

create table public.invitations (
    id           uuid primary key default gen_random_uuid(),
    team_id      uuid not null references public.teams (id) on delete cascade,
    email        text not null check (char_length(email) between 3 and 254 and email = lower(email)),
    role         text not null check (role in ('admin', 'responder', 'viewer')),
    token_hash   bytea not null unique,
    invited_by   uuid references auth.users (id) on delete set null,
    inviter_name text not null default '',
    created_at   timestamptz not null default now(),
    sent_at      timestamptz,
    expires_at   timestamptz not null,
    accepted_at  timestamptz,
    accepted_by  uuid references auth.users (id) on delete set null,
    revoked_at   timestamptz
);
comment on column public.invitations.token_hash is 'sha256 of the token; the token itself is in the mail only';
comment on column public.invitations.sent_at is 'when a mail server took the mail; null: on its way, or no server is set up';
create unique index idx_invitations_open on public.invitations (team_id, email)
    where accepted_at is null and revoked_at is null;

create table public.api_keys (
    id           uuid primary key default gen_random_uuid(),
    team_id      uuid not null references public.teams (id) on delete cascade,
    name         text not null check (char_length(name) between 1 and 100),
    key_prefix   text not null,
    key_hash     bytea not null unique,
    -- A machine never approves what another machine proposed.
    scopes       text[] not null check (cardinality(scopes) between 1 and 100 and not scopes @> array['action.decide']),
    created_by   uuid references auth.users (id) on delete set null,
    creator_name text not null default '',
    created_at   timestamptz not null default now(),
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz
);
comment on column public.api_keys.key_hash is 'sha256 of the key; the key itself is shown once';
create index idx_api_keys_team on public.api_keys (team_id, created_at);
create index idx_api_keys_creator on public.api_keys (created_by) where revoked_at is null;

-- An integration's token is rotated with an overlap: the one before it works until `previous_valid_until`.
alter table public.integrations
    add column previous_token_hash bytea unique,
    add column previous_valid_until timestamptz,
    add constraint integrations_previous_check
        check ((previous_token_hash is null) = (previous_valid_until is null));
comment on column public.integrations.previous_token_hash is 'sha256 of the token before the last rotation';
grant select (previous_valid_until) on public.integrations to authenticated;

create table public.audit_logs (
    id              uuid primary key default gen_random_uuid(),
    seq             bigint generated always as identity,
    -- null: about the installation itself, or about a team that is gone
    team_id         uuid references public.teams (id) on delete cascade,
    created_at      timestamptz not null default now(),
    actor_kind      text not null check (actor_kind in ('person', 'api_key', 'system')),
    actor_id        uuid,
    actor           text not null,
    impersonator_id uuid,
    impersonator    text,
    action          text not null,
    object_type     text not null,
    object_id       text,
    object_name     text,
    before          jsonb,
    after           jsonb,
    ip_address      inet,
    user_agent      text,
    country         text,
    city            text
);
create unique index idx_audit_logs_team on public.audit_logs (team_id, seq desc);
create trigger audit_logs_append_only before update or delete on public.audit_logs
    for each row execute function nightdesk.append_only();
create trigger audit_logs_not_truncated before truncate on public.audit_logs
    for each statement execute function nightdesk.append_only();

create table public.login_attempts (
    id         bigint generated always as identity primary key,
    created_at timestamptz not null default now(),
    email      text not null,
    user_id    uuid,
    ip_address inet not null,
    user_agent text,
    outcome    text not null check (outcome in ('succeeded', 'failed', 'delayed', 'captcha_required', 'blocked', 'mfa_failed')),
    country    text,
    city       text
);
create index idx_login_attempts_email on public.login_attempts (email, created_at desc);
create index idx_login_attempts_ip on public.login_attempts (ip_address, created_at desc);

create table public.blocked_ips (
    ip_address    inet primary key,
    reason        text not null,
    blocked_until timestamptz,
    created_at    timestamptz not null default now(),
    created_by    text not null default 'nightdesk'
);

create table public.app_settings (
    key        text primary key,
    value      jsonb not null,
    updated_at timestamptz not null default now(),
    updated_by text not null
);

-- A platform admin who works in somebody else's team: with a reason, for a while, seen by both sides.
create table public.impersonations (
    id         uuid primary key default gen_random_uuid(),
    admin_id   uuid not null references auth.users (id) on delete cascade,
    admin_name text not null,
    team_id    uuid not null references public.teams (id) on delete cascade,
    user_id    uuid not null references auth.users (id) on delete cascade,
    user_name  text not null,
    reason     text not null check (char_length(reason) between 3 and 500),
    started_at timestamptz not null default now(),
    expires_at timestamptz not null check (expires_at <= started_at + interval '1 hour'),
    ended_at   timestamptz
);
create unique index idx_impersonations_open on public.impersonations (admin_id) where ended_at is null;

alter table public.profiles enable row level security;
alter table public.invitations enable row level security;
alter table public.api_keys enable row level security;
alter table public.audit_logs enable row level security;
alter table public.login_attempts enable row level security;
alter table public.blocked_ips enable row level security;
alter table public.app_settings enable row level security;
alter table public.impersonations enable row level security;

-- The teams of the caller: their own, the one of the API key they came with (a claim that only our API sets, after it checked
-- the key), and the one a platform admin is visiting. A suspended team is seen by those who can do something about it.
create or replace function nightdesk.my_teams() returns setof uuid
    language sql stable security definer set search_path = ''
as $$
    select m.team_id from public.team_members m join public.teams t on t.id = m.team_id
        where m.user_id = (select auth.uid()) and (t.suspended_at is null or m.role in ('owner', 'admin'))
    union
    select t.id from public.teams t
        where t.id = (nullif((select auth.jwt()) ->> 'nightdesk_team', ''))::uuid and t.suspended_at is null
    union
    select i.team_id from public.impersonations i join public.profiles p on p.user_id = i.admin_id and p.is_platform_admin
        where i.admin_id = (select auth.uid()) and i.ended_at is null and i.expires_at > now()
$$;
