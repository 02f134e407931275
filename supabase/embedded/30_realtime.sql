-- Supabase Realtime's SQL surface: private Broadcast channels fed by the database and guarded by row-level security.
-- Run by the bootstrap as superuser, after 10_roles.sql; changes nothing when run again.

set role supabase_realtime_admin;

-- Rows are only on their way to the browser: unlogged, because what a crash loses every client fetches again when it
-- rejoins; no index but the key, because every alert that changes something writes here.
create unlogged table if not exists realtime.messages (
    topic       text not null,
    extension   text not null,
    payload     jsonb,
    event       text,
    private     boolean default false,
    updated_at  timestamp not null default (now() at time zone 'utc'),
    inserted_at timestamp not null default (now() at time zone 'utc'),
    id          uuid primary key default gen_random_uuid()
);
alter table realtime.messages enable row level security;
grant select, insert, update on realtime.messages to anon, authenticated, service_role;

-- The channel being joined, for policies.
create or replace function realtime.topic() returns text
    language sql stable set search_path = ''
as $$ select nullif(current_setting('realtime.topic', true), '') $$;

-- Best effort, like the original: a hint that cannot be sent never fails the change it tells about.
create or replace function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void
    language plpgsql set search_path = ''
as $$
declare
    message_id uuid := gen_random_uuid();
begin
    insert into realtime.messages (id, topic, extension, payload, event, private)
    values (
        message_id, send.topic, 'broadcast',
        case when jsonb_typeof(send.payload) = 'object' and not send.payload ? 'id'
             then send.payload || jsonb_build_object('id', message_id) else send.payload end,
        send.event, send.private);
exception when others then
    raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
end
$$;

create or replace function realtime.broadcast_changes(
    topic_name text, event_name text, operation text, table_name text, table_schema text, new record, old record,
    level text default 'ROW') returns void
    language plpgsql set search_path = ''
as $$
begin
    if level = 'STATEMENT' then
        raise exception 'function can only be triggered for each row, not for each statement';
    end if;
    perform realtime.send(
        jsonb_build_object('old_record', old, 'record', new, 'operation', operation,
                           'table', table_name, 'schema', table_schema),
        event_name, topic_name);
end
$$;

-- The id only: a notification carries at most 8000 bytes. Rows without payload are the probes of authorize().
create or replace function realtime.announce() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    perform pg_notify('rt', new.id::text);
    return null;
end
$$;
create or replace trigger messages_announce after insert on realtime.messages
    for each row when (new.payload is not null) execute function realtime.announce();

-- What the policies on realtime.messages allow these claims on one private channel. Asked in a block that always rolls
-- back: the answers stay in the variables; the probe rows, the role and the settings do not stay at all.
create or replace function realtime.authorize(
    _topic text, _role text, _claims text,
    out broadcast_read boolean, out presence_read boolean, out broadcast_write boolean, out presence_write boolean)
    language plpgsql set search_path = ''
as $$
declare
    broadcast_probe uuid := gen_random_uuid();
    presence_probe  uuid := gen_random_uuid();
begin
    begin
        insert into realtime.messages (id, topic, extension, private)
        values (broadcast_probe, _topic, 'broadcast', true), (presence_probe, _topic, 'presence', true);
        perform set_config('realtime.topic', _topic, true), set_config('request.jwt.claims', _claims, true),
                set_config('role', _role, true);
        broadcast_read := exists (select 1 from realtime.messages where id = broadcast_probe);
        presence_read := exists (select 1 from realtime.messages where id = presence_probe);
        begin
            insert into realtime.messages (topic, extension, private) values (_topic, 'broadcast', true);
            broadcast_write := true;
        exception when insufficient_privilege then
            broadcast_write := false;
        end;
        begin
            insert into realtime.messages (topic, extension, private) values (_topic, 'presence', true);
            presence_write := true;
        exception when insufficient_privilege then
            presence_write := false;
        end;
        raise exception using errcode = 'ND000';
    exception when sqlstate 'ND000' then
        null;
    end;
end
$$;
revoke all on function realtime.authorize(text, text, text) from public;
do $$
begin
    execute format('grant execute on function realtime.authorize(text, text, text) to %I',
                   current_setting('nightdesk.service_user'));
end
$$;

reset role;
