-- Where the Realtime service keeps its own tables. Run once, by the database image, when its volume is new.
create schema if not exists _realtime authorization supabase_admin;
