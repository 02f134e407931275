-- What support does in a team is written twice: into the team's log, and here for the installation, which keeps it when the team goes.
alter table public.audit_logs add column team_name text;
comment on column public.audit_logs.team_name is 'of a line that the installation keeps: the team it was done in';

-- Letters that were asked for are counted like guesses: nobody is to flood a mailbox.
alter table public.login_attempts drop constraint login_attempts_outcome_check;
alter table public.login_attempts add constraint login_attempts_outcome_check check (outcome in
    ('succeeded', 'failed', 'delayed', 'captcha_required', 'blocked', 'mfa_failed', 'code_requested'));
