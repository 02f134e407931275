"""Which of many rows one sign-in may see: a single query under its own claims, so row-level security decides."""

import json
from collections.abc import Set
from typing import Any

from psycopg import AsyncConnection, sql

from backend.embedded.realtime.pgoutput import Change
from backend.embedded.realtime.policy import Identity

# (table, id): both tables are in schema public and have "id" for their key.
Row = tuple[str, str]

AS_CALLER = """
    select set_config('role', %s, true), set_config('request.jwt.claims', %s, true),
           set_config('transaction_read_only', 'on', true), set_config('statement_timeout', '8s', true)
"""


def key(identity: Identity) -> str:
    """The same for all whose questions have the same answers."""
    return json.dumps([identity.role, identity.raw], sort_keys=True, default=str)


def row(change: Change) -> Row | None:
    """The row to ask about; None for one that is gone."""
    found = change.new.get("id")
    return None if change.kind == "DELETE" or found is None else (change.table, found)


async def visible(connection: AsyncConnection[Any], identity: Identity, wanted: Set[Row]) -> Set[Row]:
    """Those of the rows that are there and that the policies show to this identity."""
    if not wanted or identity.role == "service_role":
        return wanted
    ids: dict[str, list[str]] = {}
    for table, found in wanted:
        ids.setdefault(table, []).append(found)
    one = "select {name}::text, id::text from public.{table} where id = any(%s::uuid[])"
    query = sql.SQL(" union all ").join(
        sql.SQL(one).format(name=sql.Literal(table), table=sql.Identifier(table)) for table in ids
    )
    async with connection.transaction():
        await connection.execute(AS_CALLER, (identity.role, json.dumps(identity.raw)))
        cursor = await connection.execute(query, list(ids.values()))
        return {(table, found) for table, found in await cursor.fetchall()}
