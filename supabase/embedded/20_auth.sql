-- Supabase Auth's tables, as far as the embedded edge serves them, under GoTrue's names: users can move to a hosted project.
-- Run by the bootstrap as superuser, after 10_roles.sql; changes nothing when run again.

set role supabase_auth_admin;

do $$
begin
    if to_regtype('auth.factor_type') is null then
        create type auth.factor_type as enum ('totp', 'webauthn', 'phone');
        create type auth.factor_status as enum ('unverified', 'verified');
        create type auth.aal_level as enum ('aal1', 'aal2', 'aal3');
    end if;
end
$$;

create table if not exists auth.users (
    instance_id                 uuid,
    id                          uuid primary key,
    aud                         varchar(255),
    role                        varchar(255),
    email                       varchar(255),
    encrypted_password          varchar(255),
    email_confirmed_at          timestamptz,
    invited_at                  timestamptz,
    confirmation_token          varchar(255) default '',
    confirmation_sent_at        timestamptz,
    recovery_token              varchar(255) default '',
    recovery_sent_at            timestamptz,
    email_change_token_new      varchar(255) default '',
    email_change                varchar(255) default '',
    email_change_sent_at        timestamptz,
    last_sign_in_at             timestamptz,
    raw_app_meta_data           jsonb,
    raw_user_meta_data          jsonb,
    is_super_admin              boolean,
    created_at                  timestamptz,
    updated_at                  timestamptz,
    phone                       text unique,
    phone_confirmed_at          timestamptz,
    phone_change                text default '',
    phone_change_token          varchar(255) default '',
    phone_change_sent_at        timestamptz,
    confirmed_at                timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
    email_change_token_current  varchar(255) default '',
    email_change_confirm_status smallint default 0 check (email_change_confirm_status between 0 and 2),
    banned_until                timestamptz,
    reauthentication_token      varchar(255) default '',
    reauthentication_sent_at    timestamptz,
    is_sso_user                 boolean not null default false,
    deleted_at                  timestamptz,
    is_anonymous                boolean not null default false
);
create unique index if not exists users_email_partial_key on auth.users (email) where is_sso_user = false;
comment on column auth.users.encrypted_password is 'bcrypt';

create table if not exists auth.identities (
    provider_id     text not null,
    user_id         uuid not null references auth.users (id) on delete cascade,
    identity_data   jsonb not null,
    provider        text not null,
    last_sign_in_at timestamptz,
    created_at      timestamptz,
    updated_at      timestamptz,
    email           text generated always as (lower(identity_data ->> 'email')) stored,
    id              uuid primary key default gen_random_uuid(),
    unique (provider_id, provider)
);
create index if not exists identities_user_id_idx on auth.identities (user_id);

create table if not exists auth.mfa_factors (
    id                   uuid primary key,
    user_id              uuid not null references auth.users (id) on delete cascade,
    friendly_name        text,
    factor_type          auth.factor_type not null,
    status               auth.factor_status not null,
    created_at           timestamptz not null,
    updated_at           timestamptz not null,
    secret               text,
    phone                text,
    last_challenged_at   timestamptz unique,
    web_authn_credential jsonb,
    web_authn_aaguid     uuid
);
create unique index if not exists mfa_factors_user_friendly_name_unique on auth.mfa_factors (friendly_name, user_id)
    where trim(friendly_name) <> '';
create index if not exists mfa_factors_user_id_idx on auth.mfa_factors (user_id);

create table if not exists auth.mfa_challenges (
    id                     uuid primary key,
    factor_id              uuid not null references auth.mfa_factors (id) on delete cascade,
    created_at             timestamptz not null,
    verified_at            timestamptz,
    ip_address             inet not null,
    otp_code               text,
    web_authn_session_data jsonb
);
create index if not exists mfa_challenges_factor_id_idx on auth.mfa_challenges (factor_id, created_at desc);

create table if not exists auth.sessions (
    id                     uuid primary key,
    user_id                uuid not null references auth.users (id) on delete cascade,
    created_at             timestamptz,
    updated_at             timestamptz,
    factor_id              uuid,
    aal                    auth.aal_level,
    not_after              timestamptz,
    refreshed_at           timestamp,
    user_agent             text,
    ip                     inet,
    tag                    text,
    refresh_token_hmac_key text,
    refresh_token_counter  bigint
);
create index if not exists sessions_user_id_idx on auth.sessions (user_id, created_at desc);

create table if not exists auth.refresh_tokens (
    instance_id uuid,
    id          bigint generated by default as identity primary key,
    token       varchar(255) unique,
    user_id     varchar(255),
    revoked     boolean,
    created_at  timestamptz,
    updated_at  timestamptz,
    parent      varchar(255),
    session_id  uuid references auth.sessions (id) on delete cascade
);
create index if not exists refresh_tokens_session_id_idx on auth.refresh_tokens (session_id, id desc);
comment on column auth.refresh_tokens.token is 'sha256 of the token, in hex: a copy of this table signs nobody in';
comment on column auth.refresh_tokens.parent is 'sha256 of the token it replaced';

create table if not exists auth.mfa_amr_claims (
    session_id            uuid not null references auth.sessions (id) on delete cascade,
    created_at            timestamptz not null,
    updated_at            timestamptz not null,
    authentication_method text not null,
    id                    uuid primary key default gen_random_uuid(),
    unique (session_id, authentication_method)
);

-- What a hosted project keeps outside its database.
create table if not exists auth.signing_keys (
    kid         text primary key,
    alg         text not null check (alg in ('ES256', 'RS256')),
    status      text not null check (status in ('standby', 'in_use', 'previously_used', 'revoked')),
    public_jwk  jsonb not null,
    private_jwk jsonb not null,
    created_at  timestamptz not null
);
alter table auth.signing_keys add column if not exists status_since timestamptz;
create unique index if not exists signing_keys_standby on auth.signing_keys (status) where status = 'standby';
create unique index if not exists signing_keys_in_use on auth.signing_keys (status) where status = 'in_use';

create table if not exists auth.edge_secrets (
    name       text primary key,
    value      text not null,
    created_at timestamptz not null
);
alter table auth.edge_secrets drop constraint if exists edge_secrets_name_check;
alter table auth.edge_secrets add constraint edge_secrets_name_check check (name in (
    'publishable_key', 'secret_key_sha256', 'refresh_token_key', 'factor_key', 'code_key', 'captcha_key'));

-- What GoTrue does not have.
alter table auth.mfa_factors add column if not exists last_step bigint;
comment on column auth.mfa_factors.secret is 'sealed with edge_secrets.factor_key';
comment on column auth.mfa_factors.last_step is 'the 30 s step of the last code taken: no code is taken twice';
alter table auth.mfa_challenges add column if not exists attempts smallint not null default 0;

create table if not exists auth.recovery_codes (
    user_id    uuid not null references auth.users (id) on delete cascade,
    code_hash  text not null,
    created_at timestamptz not null,
    primary key (user_id, code_hash)
);
comment on table auth.recovery_codes is 'one row per unused code; a code that was used is gone';

-- Codes sent by e-mail: one per person and purpose, the newest.
create table if not exists auth.email_codes (
    user_id    uuid not null references auth.users (id) on delete cascade,
    purpose    text not null
               check (purpose in ('signup', 'invite', 'recovery', 'magiclink', 'email_change', 'reauthentication')),
    email      text not null,
    code_hash  text not null,
    attempts   smallint not null default 0,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (user_id, purpose)
);

create table if not exists auth.captcha_solutions (
    solution   text primary key,
    expires_at timestamptz not null
);
comment on table auth.captcha_solutions is 'solutions that were taken once, until they would have expired anyway';

-- An open channel of a session that is over must be closed: the realtime edge listens.
create or replace function auth.announce_session_end() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    perform pg_notify('rt_session_end', old.id::text);
    return null;
end
$$;
create or replace trigger sessions_announce_end after delete on auth.sessions
    for each row execute function auth.announce_session_end();

alter table auth.users enable row level security;
alter table auth.identities enable row level security;
alter table auth.mfa_factors enable row level security;
alter table auth.mfa_challenges enable row level security;
alter table auth.sessions enable row level security;
alter table auth.refresh_tokens enable row level security;
alter table auth.mfa_amr_claims enable row level security;
alter table auth.signing_keys enable row level security;
alter table auth.edge_secrets enable row level security;
alter table auth.recovery_codes enable row level security;
alter table auth.email_codes enable row level security;
alter table auth.captcha_solutions enable row level security;

-- The service reads and writes rows (default privileges of 10_roles.sql) but owns nothing here, as on a hosted project.
revoke all on all tables in schema auth from public;

reset role;
