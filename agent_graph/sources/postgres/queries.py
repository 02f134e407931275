"""What is asked of a PostgreSQL server, as one would type it. Each answers for PostgreSQL 13 to 18.

https://www.postgresql.org/docs/current/monitoring-stats.html
"""

# The limit of SESSIONS below.
MOST_SESSIONS = 2000

ROOM = """
select name, setting from pg_settings where name in ('max_connections', 'superuser_reserved_connections',
    'reserved_connections', 'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout',
    'synchronous_commit', 'synchronous_standby_names', 'autovacuum', 'max_standby_streaming_delay',
    'hot_standby_feedback', 'recovery_min_apply_delay')"""

SESSIONS = """
select pid, datname, usename, application_name, client_addr, backend_type, state, wait_event_type, wait_event,
    backend_start, xact_start, query_start, state_change, backend_xmin::text as backend_xmin, left(query, 500) as query
from pg_stat_activity where pid <> pg_backend_pid()
order by backend_type = 'client backend' desc, state = 'active' desc, xact_start limit 2000"""

LOCKS = """
select pid, locktype, mode, granted, relation::regclass::text as relation, pg_blocking_pids(pid) as blocked_by
from pg_locks where not granted order by pid limit 200"""

WAITS = """
select coalesce(wait_event_type, 'CPU') as wait_event_type, coalesce(wait_event, 'CPU') as wait_event,
    count(*) as sessions
from pg_stat_activity where state = 'active' and backend_type = 'client backend' and pid <> pg_backend_pid()
group by 1, 2"""

DATABASE = """
select datname, numbackends, deadlocks, temp_bytes, blk_read_time, stats_reset,
    pg_database_size(datname) as size_bytes
from pg_stat_database where datname = current_database()"""

TABLES = """
select schemaname, relname, n_live_tup, n_dead_tup, seq_scan, seq_tup_read, idx_scan, last_vacuum, last_autovacuum,
    last_analyze, last_autoanalyze, n_mod_since_analyze, pg_total_relation_size(relid) as size_bytes
from pg_stat_user_tables order by greatest(n_dead_tup, n_live_tup / 10) desc limit 10"""

REPLICAS = """
select application_name, client_addr, state, sync_state, extract(epoch from replay_lag) as replay_lag_seconds,
    pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end,
        replay_lsn) as replay_lag_bytes
from pg_stat_replication limit 20"""

SLOTS = """
select slot_name, active, wal_status,
    pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end,
        restart_lsn) as retained_bytes
from pg_replication_slots limit 20"""

# A primary that nothing is written to sends nothing: its replica is as old as the last commit, and not behind.
RECOVERY = """
select 'this server' as application_name, 'replica' as state, case
    when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
    else extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) end as replay_lag_seconds
where pg_is_in_recovery()"""

ARCHIVER = """
select archived_count, last_archived_time, failed_count, last_failed_wal, last_failed_time, stats_reset
from pg_stat_archiver where archived_count + failed_count > 0"""

PREPARED = """
select gid, owner, database, prepared from pg_prepared_xacts order by prepared limit 20"""

STATEMENTS_SCHEMA = """
select quote_ident(n.nspname) as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace
where e.extname = 'pg_stat_statements'"""


# `{schema}`: where the extension lives, quoted by the server itself.
STATEMENTS = """
select queryid::text, left(query, 300) as query, sum(calls) as calls, sum(total_exec_time) as total_exec_time
from {schema}.pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())
    and query not like 'select to_jsonb(found)%'
group by 1, 2 order by 4 desc limit 50"""

# What each is called in evidence: as a recording of the same rows would be.
STATE: dict[str, str] = {
    "pg_settings": ROOM,
    "pg_stat_activity": SESSIONS,
    "pg_locks": LOCKS,
    "pg_stat_database": DATABASE,
    "pg_stat_user_tables": TABLES,
    "pg_stat_replication": REPLICAS,
    "pg_replication_slots": SLOTS,
    "recovery": RECOVERY,
    "pg_stat_archiver": ARCHIVER,
    "pg_prepared_xacts": PREPARED,
}
