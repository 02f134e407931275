-- Who may join the private channel of a team. In a file of its own: "supabase db push" of some versions cannot apply policies on
-- realtime.messages, and this one can then be pasted into the SQL editor.

create policy nightdesk_team_channel on realtime.messages for select to authenticated
    using (
        realtime.messages.extension = 'broadcast'
        and (select realtime.topic()) in (select 'team:' || t::text from nightdesk.my_teams() as t)
    );
