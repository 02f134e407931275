-- Mail that is to be sent, was sent, or could not be: written with what causes it, delivered by a job of its own.

create table public.mail_outbox (
    id         uuid primary key default gen_random_uuid(),
    team_id    uuid references public.teams (id) on delete cascade,
    template   text not null,
    recipient  text not null check (char_length(recipient) <= 254),
    subject    text not null,
    body       text,
    created_at timestamptz not null default now(),
    sent_at    timestamptz,
    failed_at  timestamptz,
    error      text
);
comment on column public.mail_outbox.body is 'gone once it was sent or given up: it may hold a link that lets somebody in';
create index idx_mail_outbox_waiting on public.mail_outbox (created_at) where sent_at is null;
alter table public.mail_outbox enable row level security;
