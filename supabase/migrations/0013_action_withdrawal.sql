-- A proposal ends with the question it answers, and an execution remembers what it left behind.

-- Whoever closes an incident or sends it back to the investigator (a source that recovers, a person, the automation) need not
-- know about actions, and cannot forget them.
create function nightdesk.withdraw_actions() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    update public.actions
       set status = 'withdrawn',
           status_reason = case new.status
               when 'resolved' then 'The incident was resolved before this was done.'
               when 'failed' then 'The incident was given up before this was done.'
               else 'The incident is being investigated again.' end
     where incident_id = new.id and status in ('drafted', 'proposed', 'approved');
    return null;
end
$$;
revoke all on function nightdesk.withdraw_actions() from public;

create trigger incidents_withdraw_actions after update of status on public.incidents
    for each row
    when (old.status is distinct from new.status and new.status in ('detected', 'investigating', 'resolved', 'failed'))
    execute function nightdesk.withdraw_actions();

alter table public.action_executions add column after_state jsonb;
comment on column public.action_executions.after_state is 'the target right after the run: what verification compares with';
