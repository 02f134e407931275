-- Who decided, and one active incident per alert. Safe on a database that already has incidents.

alter table public.incidents add column if not exists approved_by text;
alter table public.incidents add column if not exists fingerprint text;

create unique index if not exists idx_incidents_active_fingerprint
    on public.incidents (fingerprint)
    where fingerprint is not null and status not in ('resolved', 'failed');
