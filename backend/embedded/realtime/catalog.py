"""Whether this database lets us follow its changes, and what the tables look like whose changes we send."""

from typing import Any

from psycopg import AsyncConnection

from backend.embedded.realtime.bindings import Column, Table

# Whatever else is published: these two are for clients, everything else travels as hints on private channels.
SENT = ("incidents", "incident_events")
ABLE = """
    select current_setting('wal_level') = 'logical'
       and exists (select from pg_roles where rolname = current_user and (rolreplication or rolsuper))
       and exists (select from pg_publication where pubname = 'supabase_realtime')
"""
COLUMNS = """
    select c.relname, a.attname, t.typname,
           exists (select from pg_index i
                   where i.indrelid = c.oid and i.indisprimary and a.attnum = any(i.indkey::int2[]))
    from pg_publication_tables p
    join pg_class c on c.oid = format('%%I.%%I', p.schemaname, p.tablename)::regclass
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    where p.pubname = 'supabase_realtime' and p.schemaname = 'public' and p.tablename = any(%s)
      and has_column_privilege('authenticated', c.oid, a.attnum, 'select')
    order by c.relname, a.attnum
"""


class NotOffered(Exception):
    """This database does not let us follow its changes."""


async def require_replication(connection: AsyncConnection[Any]) -> None:
    """Raises NotOffered where there is no logical decoding for our login."""
    cursor = await connection.execute(ABLE)
    row = await cursor.fetchone()
    if row is None or not row[0]:
        raise NotOffered("it needs wal_level = logical, a login with REPLICATION and publication supabase_realtime")


async def tables_sent(connection: AsyncConnection[Any]) -> dict[tuple[str, str], Table]:
    """The published tables of ours with the columns that `authenticated` may read. Raises NotOffered without any."""
    cursor = await connection.execute(COLUMNS, (list(SENT),))
    columns: dict[str, list[Column]] = {}
    for table, name, kind, is_key in await cursor.fetchall():
        columns.setdefault(table, []).append(Column(name, kind, bool(is_key)))
    if not columns:
        raise NotOffered("its publication supabase_realtime holds none of our tables")
    return {("public", name): Table("public", name, tuple(some)) for name, some in columns.items()}
