-- What the agent looked at and what it concluded: the contract between the agent process and everybody else.

create table public.investigations (
    id          uuid primary key default gen_random_uuid(),
    team_id     uuid not null references public.teams (id) on delete cascade,
    incident_id uuid not null references public.incidents (id) on delete cascade,
    round       integer not null check (round > 0),
    status      text not null default 'queued'
                check (status in ('queued', 'running', 'done', 'failed', 'superseded')),
    step        text not null default '',
    hint        text,
    case_file   jsonb,
    report      jsonb,
    analyst     text check (analyst in ('rules', 'llm')),
    verdict     text check (verdict in ('incident', 'not_an_incident', 'inconclusive')),
    error       text,
    model       text,
    tokens_in   bigint not null default 0,
    tokens_out  bigint not null default 0,
    lease_until timestamptz,
    leased_by   text,
    created_at  timestamptz not null default now(),
    started_at  timestamptz,
    finished_at timestamptz,
    unique (incident_id, round)
);

create table public.evidence (
    id               uuid primary key default gen_random_uuid(),
    team_id          uuid not null references public.teams (id) on delete cascade,
    incident_id      uuid not null references public.incidents (id) on delete cascade,
    investigation_id uuid not null references public.investigations (id) on delete cascade,
    label            text not null check (label ~ '^E[0-9]+$'),
    source           text not null,
    kind             text not null,
    title            text not null,
    query            text not null,
    window_start     timestamptz,
    window_end       timestamptz,
    summary          text not null default '',
    content          text not null default '',
    data             jsonb not null default '{}',
    truncated        boolean not null default false,
    error            text,
    sha256           text not null,
    collected_at     timestamptz not null,
    unique (investigation_id, label)
);
create index idx_evidence_incident on public.evidence (incident_id, collected_at);

create table public.hypotheses (
    id               uuid primary key default gen_random_uuid(),
    team_id          uuid not null references public.teams (id) on delete cascade,
    incident_id      uuid not null references public.incidents (id) on delete cascade,
    investigation_id uuid not null references public.investigations (id) on delete cascade,
    rank             integer not null,
    category         text not null,
    statement        text not null,
    confidence       text not null check (confidence in ('confirmed', 'likely', 'possible', 'ruled_out')),
    analyst          text not null check (analyst in ('rules', 'llm')),
    supporting       jsonb not null default '[]',
    contradicting    jsonb not null default '[]',
    disproof         text not null default '',
    unique (investigation_id, rank)
);
create index idx_hypotheses_incident on public.hypotheses (incident_id);

alter table public.investigations enable row level security;
alter table public.evidence enable row level security;
alter table public.hypotheses enable row level security;
create policy investigations_read on public.investigations for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
create policy evidence_read on public.evidence for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
create policy hypotheses_read on public.hypotheses for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
grant select on public.investigations, public.evidence, public.hypotheses to authenticated;
