-- The incidents table and its timeline: one row per incident, live in the browser.

-- pgcrypto is a convenience of hosted projects; gen_random_uuid() is core PostgreSQL, so a server without it loses nothing.
do $$
begin
    if exists (select 1 from pg_available_extensions where name = 'pgcrypto') then
        create extension if not exists pgcrypto;
    end if;
end
$$;

create table if not exists public.incidents (
    id                     uuid primary key default gen_random_uuid(),
    title                  text not null,
    target                 text not null,
    severity               text not null constraint incidents_severity_check
                           check (severity in ('critical', 'high', 'medium', 'low')),
    status                 text not null default 'detected' constraint incidents_status_check
                           check (status in ('detected', 'investigating', 'analyzed', 'awaiting_approval',
                                             'executing_solution', 'verifying', 'resolved', 'failed')),
    source_type            text not null default 'container' constraint incidents_source_type_check
                           check (source_type in ('container', 'database', 'manual')),
    container_runtime      text constraint incidents_container_runtime_check
                           check (container_runtime in ('docker', 'podman', 'kubernetes')),
    incident_type          text,
    logs                   text,
    server_name            text,
    agent_reasoning        text,
    proposed_action        text,
    action_result          text,
    action_error           text,
    metrics_snapshot       jsonb,
    post_mortem_md         text,
    post_mortem_updated_at timestamptz,
    executed_at            timestamptz,
    resolved_at            timestamptz,
    created_at             timestamptz not null default now(),
    updated_at             timestamptz
);

create index if not exists idx_incidents_status on public.incidents (status);
create index if not exists idx_incidents_created_at on public.incidents (created_at desc);

create table if not exists public.incident_events (
    id          uuid primary key default gen_random_uuid(),
    incident_id uuid not null references public.incidents (id) on delete cascade,
    status      text not null,
    created_at  timestamptz not null default now()
);

create index if not exists idx_incident_events_incident_id on public.incident_events (incident_id, created_at);

-- Live rows in the browser. The publication exists on every Supabase project.
do $$
begin
    if exists (select 1 from pg_publication where pubname = 'supabase_realtime')
       and not exists (select 1 from pg_publication_tables
                       where pubname = 'supabase_realtime' and schemaname = 'public' and tablename = 'incidents') then
        alter publication supabase_realtime add table public.incidents;
    end if;
end
$$;
