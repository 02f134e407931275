-- What may be done, who allowed it, and what came of it.

create table public.runbook_hooks (
    id              uuid primary key default gen_random_uuid(),
    team_id         uuid not null references public.teams (id) on delete cascade,
    name            text not null check (char_length(name) between 1 and 100),
    description     text not null default '',
    url             text not null,
    method          text not null default 'POST' check (method in ('POST', 'PUT')),
    headers_secret  jsonb not null default '{}',
    params_schema   jsonb not null default '{"type": "object", "properties": {}, "additionalProperties": false}',
    target          text,
    categories      text[] not null default '{}',
    risk            text not null default 'medium' check (risk in ('low', 'medium', 'high')),
    idempotent      boolean not null default false,
    inverse         text not null default '',
    timeout_seconds double precision not null default 30 check (timeout_seconds > 0 and timeout_seconds <= 300),
    settle_seconds  double precision not null default 30 check (settle_seconds >= 0 and settle_seconds <= 900),
    is_active       boolean not null default true,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    unique (team_id, name)
);
comment on column public.runbook_hooks.headers_secret is 'request headers, usually Authorization; read by the actions process only';
comment on column public.runbook_hooks.target is 'the incident target it is for; null: any';

create table public.actions (
    id               uuid primary key default gen_random_uuid(),
    team_id          uuid not null references public.teams (id) on delete cascade,
    incident_id      uuid not null references public.incidents (id) on delete cascade,
    investigation_id uuid references public.investigations (id) on delete set null,
    kind             text not null,
    params           jsonb not null,
    target           text not null,
    title            text not null,
    rationale        text not null default '',
    evidence         jsonb not null default '[]',
    risk             text not null check (risk in ('low', 'medium', 'high')),
    inverse          text not null default '',
    verify_plan      text not null default '',
    settle_seconds   double precision not null default 30,
    status           text not null default 'drafted'
                     check (status in ('drafted', 'advice', 'proposed', 'approved', 'executing', 'succeeded', 'failed',
                                       'unknown', 'rejected', 'expired', 'stale', 'withdrawn')),
    status_reason    text not null default '',
    preview          jsonb,
    target_state     jsonb,
    policy_version   text,
    digest           text,
    proposed_at      timestamptz,
    expires_at       timestamptz,
    postponed_until  timestamptz,
    decided_at       timestamptz,
    approved_by      text,
    started_at       timestamptz,
    finished_at      timestamptz,
    result           text,
    error            text,
    verification     text check (verification in ('recovered', 'not_recovered', 'inconclusive')),
    verification_detail jsonb,
    verified_at      timestamptz,
    created_at       timestamptz not null default now(),
    check (status in ('drafted', 'advice', 'withdrawn') or digest is not null)
);
create index idx_actions_incident on public.actions (incident_id, created_at);
create index idx_actions_inbox on public.actions (team_id, proposed_at) where status = 'proposed';
create index idx_actions_target on public.actions (team_id, target, started_at desc) where started_at is not null;
-- One thing at a time: an incident has at most one action that is on its way.
create unique index idx_actions_current on public.actions (incident_id)
    where status in ('drafted', 'proposed', 'approved', 'executing');

create table public.action_decisions (
    id         uuid primary key default gen_random_uuid(),
    team_id    uuid not null references public.teams (id) on delete cascade,
    action_id  uuid not null references public.actions (id) on delete cascade,
    user_id    uuid not null,
    who        text not null,
    decision   text not null check (decision in ('approve', 'reject', 'postpone')),
    digest     text not null,
    comment    text not null default '',
    aal        text not null default 'aal1',
    created_at timestamptz not null default now()
);
create unique index idx_action_decisions_approve on public.action_decisions (action_id, user_id) where decision = 'approve';

-- Written before the call and never twice: the row that says "this has been tried".
create table public.action_executions (
    id          uuid primary key default gen_random_uuid(),
    team_id     uuid not null references public.teams (id) on delete cascade,
    action_id   uuid not null unique references public.actions (id) on delete cascade,
    attempts    integer not null default 1,
    worker      text not null,
    started_at  timestamptz not null,
    finished_at timestamptz,
    outcome     text check (outcome in ('succeeded', 'failed', 'unknown')),
    result      text,
    error       text
);

alter table public.runbook_hooks enable row level security;
alter table public.actions enable row level security;
alter table public.action_decisions enable row level security;
alter table public.action_executions enable row level security;
create policy runbook_hooks_read on public.runbook_hooks for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
create policy actions_read on public.actions for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
create policy action_decisions_read on public.action_decisions for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
create policy action_executions_read on public.action_executions for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
grant select on public.actions, public.action_decisions, public.action_executions to authenticated;
grant select (id, team_id, name, description, url, method, params_schema, target, categories, risk, idempotent, inverse,
              timeout_seconds, settle_seconds, is_active, created_at, updated_at) on public.runbook_hooks to authenticated;
