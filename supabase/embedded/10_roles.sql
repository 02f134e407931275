-- Roles, schemas, grants and functions that every Supabase database has, for a plain PostgreSQL 15 or later.
-- Applied by a superuser (embedded: supabase_admin) or by a login that may create roles; a second time it changes nothing.
-- nightdesk.service_user names the login of our services: 'postgres' when embedded, as on Supabase.

-- Supabase's service login is not a superuser: what fails on hosted must fail here, too.
do $$
declare
    service_user constant text := current_setting('nightdesk.service_user');
    wanted record;
begin
    if not exists (select from pg_roles where rolname = service_user) then
        execute format('create role %I login nosuperuser createdb createrole replication bypassrls', service_user);
    end if;
    for wanted in
        select * from (values
            ('anon', 'nologin noinherit'),
            ('authenticated', 'nologin noinherit'),
            ('service_role', 'nologin noinherit bypassrls'),
            ('authenticator', 'login noinherit'),
            ('supabase_auth_admin', 'nologin noinherit createrole'),
            ('supabase_realtime_admin', 'nologin noinherit')
        ) as roles (name, options)
    loop
        continue when exists (select from pg_roles where rolname = wanted.name);
        begin
            execute format('create role %I %s', wanted.name, wanted.options);
        exception when insufficient_privilege then
            -- Only a superuser hands out BYPASSRLS and the like; our services own the tables and do not need it.
            execute format('create role %I nologin noinherit', wanted.name);
        end;
    end loop;
    grant anon, authenticated, service_role to authenticator;
    execute format('grant anon, authenticated, service_role, supabase_realtime_admin to %I', service_user);
    if not (select rolsuper from pg_roles where rolname = current_user) then
        execute format('grant supabase_auth_admin to %I', current_user);
    end if;
    if (select datdba <> to_regrole(quote_ident(service_user)) from pg_database where datname = current_database())
       and current_user = 'supabase_admin' then
        execute format('alter database %I owner to %I', current_database(), service_user);
    end if;
end
$$;

alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';

create schema if not exists extensions;
create schema if not exists auth authorization supabase_auth_admin;
create schema if not exists realtime;
grant usage on schema public, extensions, auth, realtime to anon, authenticated, service_role;
-- Only for as long as the bootstrap takes: 90_close.sql takes it back.
grant usage, create on schema realtime to supabase_realtime_admin;

do $$
declare
    service_user constant text := current_setting('nightdesk.service_user');
    maker text;
begin
    execute format('grant usage on schema auth, realtime to %I', service_user);
    execute format('grant all on schema extensions to %I', service_user);
    foreach maker in array array[current_user, 'supabase_auth_admin'] loop
        execute format('alter default privileges for role %I in schema auth grant all on tables to %I', maker, service_user);
        execute format('alter default privileges for role %I in schema auth grant all on sequences to %I', maker, service_user);
    end loop;
    execute format('alter default privileges in schema realtime grant all on tables to %I', service_user);
    execute format('alter default privileges in schema realtime grant all on sequences to %I', service_user);
    if not exists (select from pg_publication where pubname = 'supabase_realtime') then
        create publication supabase_realtime;
        execute format('alter publication supabase_realtime owner to %I', service_user);
    end if;
end
$$;

-- The caller, from the claims that the edge puts into the transaction (and from the older one-setting-per-claim form).
create or replace function auth.jwt() returns jsonb
    language sql stable
as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim', true), ''),
        nullif(current_setting('request.jwt.claims', true), ''))::jsonb
$$;

create or replace function auth.uid() returns uuid
    language sql stable
as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim.sub', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid
$$;

create or replace function auth.role() returns text
    language sql stable
as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim.role', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role')
$$;

create or replace function auth.email() returns text
    language sql stable
as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim.email', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email')
$$;

alter function auth.jwt() owner to supabase_auth_admin;
alter function auth.uid() owner to supabase_auth_admin;
alter function auth.role() owner to supabase_auth_admin;
alter function auth.email() owner to supabase_auth_admin;
