-- What the roles of a browser may touch at all: SELECT on named columns for signed-in people, nothing for anybody else.
begin;
create extension if not exists pgtap with schema extensions;
set local search_path = public, extensions;
\ir fixtures/expected.psql
select no_plan();

select set_eq('select name from tables', 'select name from expected', 'every table of public is written down in expected.psql');

select is_empty(
    $$select relname from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'f') and not relrowsecurity$$,
    'every table of public, partitions too, has row-level security');

select is_empty(
    $$select c.relname, coalesce(nullif(a.grantee, 0)::regrole::text, 'public'), a.privilege_type
      from pg_class c cross join lateral aclexplode(c.relacl) a
      where c.relnamespace = 'public'::regnamespace and a.grantee in (0, 'anon'::regrole)
      union all
      select c.relname, coalesce(nullif(a.grantee, 0)::regrole::text, 'public'), a.privilege_type
      from pg_attribute t join pg_class c on c.oid = t.attrelid cross join lateral aclexplode(t.attacl) a
      where c.relnamespace = 'public'::regnamespace and a.grantee in (0, 'anon'::regrole)$$,
    'nothing in public is granted to anon or to everybody');

select is_empty(
    $$select c.relname, p.privilege
      from pg_class c, unnest(array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p (privilege)
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and (has_table_privilege('authenticated', c.oid, p.privilege)
             or p.privilege in ('INSERT', 'UPDATE', 'REFERENCES') and has_any_column_privilege('authenticated', c.oid, p.privilege))$$,
    'signed-in people change nothing directly');

select is_empty(
    $$select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')
      and not coalesce(reloptions @> '{security_invoker=true}', false)$$,
    'no view goes around row-level security');

select is_empty(
    $$select c.relname from pg_class c join pg_inherits i on i.inhrelid = c.oid
      where c.relnamespace = 'public'::regnamespace and has_any_column_privilege('authenticated', c.oid, 'SELECT')$$,
    'partitions are read through their parent only');

select set_eq(
    $$select t.name, a.attname::text from tables t join pg_attribute a on a.attrelid = t.oid
      where a.attnum > 0 and not a.attisdropped and has_column_privilege('authenticated', t.oid, a.attnum, 'SELECT')$$,
    $$select e.name, a.attname::text from expected e join tables t using (name) join pg_attribute a on a.attrelid = t.oid
      where a.attnum > 0 and not a.attisdropped and e.readable and a.attname::text <> all (e.hidden)$$,
    'signed-in people read the columns that are written down and no others');

-- Whatever is added later: a column with such a name is a secret until somebody says otherwise here.
select is_empty(
    $$select t.name, a.attname from tables t join pg_attribute a on a.attrelid = t.oid
      where a.attnum > 0 and has_column_privilege('authenticated', t.oid, a.attnum, 'SELECT')
        and a.attname::text ~ '(secret|token|password|credential|hash|private|api_key)'
        and (t.name, a.attname::text) not in (('integrations', 'token_prefix'), ('investigations', 'tokens_in'),
                                              ('investigations', 'tokens_out'), ('investigation_steps', 'tokens_in'),
                                              ('investigation_steps', 'tokens_out'))$$,
    'no column that is named like a secret is readable');

select is_empty(
    $$select e.name from expected e
      where e.readable and not exists (
          select from pg_policies p
          where p.schemaname = 'public' and p.tablename = e.name and p.cmd = 'SELECT' and p.permissive = 'PERMISSIVE')$$,
    'every readable table has a policy');

select is_empty(
    $$select tablename, policyname, cmd, roles, qual from pg_policies
      where schemaname = 'public'
        and (cmd <> 'SELECT' or roles <> '{authenticated}' or qual not like '%my_teams()%')$$,
    'every policy lets signed-in people read what their teams own, and nothing else');

select set_eq(
    $$select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname in ('public', 'nightdesk', 'jobs') and p.prorettype <> 'trigger'::regtype
        and has_schema_privilege('authenticated', n.oid, 'USAGE') and has_function_privilege('authenticated', p.oid, 'EXECUTE')
        and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')$$,
    array['nightdesk.my_teams()'],
    'my_teams() is the only function of ours that signed-in people may call');

select is_empty(
    $$select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname in ('public', 'nightdesk', 'jobs') and p.prosecdef
        and not coalesce(p.proconfig @> array['search_path=""'], false)$$,
    'a function that runs as its owner looks up nothing in the caller''s search path');

select is_empty(
    $$select n.nspname, r.rolname from pg_namespace n, pg_roles r
      where r.rolname in ('anon', 'authenticated') and has_schema_privilege(r.oid, n.oid, 'USAGE')
        and n.nspname in ('jobs', 'langgraph', 'supabase_migrations', 'nightdesk_bootstrap')
      union all
      select n.nspname, 'anon' from pg_namespace n
      where n.nspname = 'nightdesk' and has_schema_privilege('anon', n.oid, 'USAGE')$$,
    'queue, checkpoints and history are out of reach');

select is_empty(
    $$select c.oid::regclass, r.rolname from pg_class c, pg_roles r
      where r.rolname in ('anon', 'authenticated') and c.relnamespace = 'nightdesk'::regnamespace
        and (c.relkind in ('r', 'p', 'v', 'm') and has_table_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE')
             or c.relkind = 'S' and has_sequence_privilege(r.oid, c.oid, 'USAGE, SELECT, UPDATE'))$$,
    'the schema nightdesk holds nothing that a browser may read');

select set_eq(
    $$select schemaname::text, tablename::text from pg_publication_tables where pubname = 'supabase_realtime'$$,
    $$values ('public', 'incidents'), ('public', 'incident_events')$$,
    'the realtime publication holds incidents and their timeline');

select is_empty(
    $$select pubname from pg_publication where pubname = 'supabase_realtime' and puballtables$$,
    'the realtime publication does not take in every new table');

select * from finish();
rollback;
