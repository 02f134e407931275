-- Is everything that should run running? One row per component and instance, overwritten.

create table public.system_health (
    component  text not null,
    instance   text not null,
    alive      boolean not null,
    message    text not null default '',
    version    text not null default '',
    started_at timestamptz not null,
    last_seen  timestamptz not null,
    primary key (component, instance)
);
alter table public.system_health enable row level security;
