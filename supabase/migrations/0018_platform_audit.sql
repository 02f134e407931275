-- What support does in a team is written twice: into the team's log, and here for the installation, which keeps it when the team goes.
alter table public.audit_logs add column team_name text;
comment on column public.audit_logs.team_name is 'of a line that the installation keeps: the team it was done in';
