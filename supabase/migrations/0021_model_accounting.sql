-- What an investigation does, step by step; what the model was told, answered and cost; what only a team knows to be secret.

create table public.investigation_steps (
    id               uuid primary key default gen_random_uuid(),
    team_id          uuid not null references public.teams (id) on delete cascade,
    incident_id      uuid not null references public.incidents (id) on delete cascade,
    investigation_id uuid not null references public.investigations (id) on delete cascade,
    seq              integer not null check (seq > 0),
    key              text not null check (char_length(key) between 1 and 200),
    kind             text not null check (kind in ('node', 'source', 'model', 'tool')),
    title            text not null,
    detail           text not null default '',
    status           text not null check (status in ('running', 'done', 'failed', 'skipped')),
    at               timestamptz not null,
    ms               integer check (ms >= 0),
    tokens_in        bigint not null default 0,
    tokens_out       bigint not null default 0,
    unique (investigation_id, key),
    unique (investigation_id, seq)
);
comment on column public.investigation_steps.key is 'the same step keeps its row when it runs again after an interruption';
create index idx_investigation_steps_incident on public.investigation_steps (incident_id);

-- One exchange with the model. Its answer is here before anything follows from it, so that no crash makes it be paid twice.
create table public.model_exchanges (
    investigation_id uuid not null references public.investigations (id) on delete cascade,
    number           integer not null check (number > 0),
    team_id          uuid not null references public.teams (id) on delete cascade,
    incident_id      uuid not null references public.incidents (id) on delete cascade,
    at               timestamptz not null,
    model            text not null,
    prompt           text not null,
    messages         jsonb not null,
    answer           jsonb,
    error            text not null default '',
    usage            jsonb not null default '{}',
    primary key (investigation_id, number)
);
comment on column public.model_exchanges.prompt is 'name and version of the prompt';
comment on column public.model_exchanges.messages is 'what was said since the exchange before; redacted';
create index idx_model_exchanges_incident on public.model_exchanges (incident_id);

-- The bill, which outlives what it was for. A call that was asked and never answered may have been charged: it counts.
create table public.model_calls (
    id               uuid primary key default gen_random_uuid(),
    team_id          uuid not null references public.teams (id) on delete cascade,
    incident_id      uuid references public.incidents (id) on delete set null,
    purpose          text not null check (purpose in ('investigation', 'post_mortem')),
    model            text not null,
    status           text not null check (status in ('asked', 'answered', 'failed')),
    asked_at         timestamptz not null,
    answered_at      timestamptz,
    tokens_in        bigint not null default 0 check (tokens_in >= 0),
    tokens_out       bigint not null default 0 check (tokens_out >= 0),
    estimated        boolean not null,
    cost_usd         numeric(14, 6) not null default 0 check (cost_usd >= 0)
);
comment on column public.model_calls.estimated is 'the endpoint did not count, or has not answered yet';
create index idx_model_calls_team on public.model_calls (team_id, asked_at);
create index idx_model_calls_incident on public.model_calls (incident_id);

alter table public.investigations
    add column cost_usd numeric(14, 6) not null default 0,
    add column usage_estimated boolean not null default false;

create table public.model_caps (
    team_id         uuid primary key references public.teams (id) on delete cascade,
    monthly_cap_usd numeric(12, 2) not null check (monthly_cap_usd >= 0),
    updated_at      timestamptz not null,
    updated_by      text not null
);

create table public.secret_patterns (
    id         uuid primary key default gen_random_uuid(),
    team_id    uuid not null references public.teams (id) on delete cascade,
    name       text not null check (char_length(name) between 1 and 100),
    pattern    text not null check (char_length(pattern) between 1 and 500),
    created_at timestamptz not null,
    created_by text not null,
    unique (team_id, name)
);

alter table public.investigation_steps enable row level security;
alter table public.model_exchanges enable row level security;
alter table public.model_calls enable row level security;
alter table public.model_caps enable row level security;
alter table public.secret_patterns enable row level security;
create policy investigation_steps_read on public.investigation_steps for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
create policy model_exchanges_read on public.model_exchanges for select to authenticated
    using (team_id in (select nightdesk.my_teams()));
grant select on public.investigation_steps, public.model_exchanges to authenticated;

create trigger investigation_steps_hint after insert or update of status on public.investigation_steps
    for each row execute function nightdesk.hint();
