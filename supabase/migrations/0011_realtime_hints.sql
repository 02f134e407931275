-- Hints for the browser: which row of which team changed. Never the row itself; the UI asks our API for that.

create function nightdesk.hint() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    changed jsonb := to_jsonb(new);
begin
    perform realtime.send(
        jsonb_build_object(
            'table', tg_table_name,
            'op', tg_op,
            'id', changed -> 'id',
            'incident_id', coalesce(changed -> 'incident_id', case when tg_table_name = 'incidents' then changed -> 'id' end)),
        'change', 'team:' || (changed ->> 'team_id'), true);
    return null;
end
$$;
revoke all on function nightdesk.hint() from public;

create trigger incident_events_hint after insert on public.incident_events
    for each row execute function nightdesk.hint();
create trigger actions_hint after insert or update on public.actions
    for each row execute function nightdesk.hint();
create trigger investigations_hint after insert or update of step, status on public.investigations
    for each row execute function nightdesk.hint();
create trigger post_mortems_hint after insert or update on public.post_mortems
    for each row execute function nightdesk.hint();
create trigger monitors_hint after insert or update of status, name, is_active, is_paused on public.monitors
    for each row execute function nightdesk.hint();
