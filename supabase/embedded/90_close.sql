-- The end of the bootstrap: as on hosted Supabase, nobody makes objects in schema realtime.

revoke create on schema realtime from supabase_realtime_admin;
