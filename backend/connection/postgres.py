"""Which PostgreSQL servers are looked at, and how: in read-only transactions with short time-outs, never as superuser.

A target is a name and a URL from NIGHTDESK_POSTGRES_TARGETS. One connection to each is kept open: a server whose slots
are all taken lets nobody in who would look why.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from backend.errors import NightdeskError
from backend.settings import Settings

Connection = AsyncConnection[Any]
Row = dict[str, Any]

MOST_CONNECTIONS = 3
_LOCK_MS = 500
_WAIT_SECONDS = 1.5
_KEPT_SECONDS = 7 * 86_400.0
_FULL = "53300"


class UnusablePostgresTarget(NightdeskError):
    """A PostgreSQL target cannot be used."""

    code = "bad_settings"


class NotReached(Exception):
    """The server let us not in; the sentence says why. `full`: because all its connection slots are taken."""

    def __init__(self, reason: str, *, full: bool = False) -> None:
        super().__init__(reason)
        self.full = full


class NotAnswered(Exception):
    """The server did not run a query; the sentence says why."""


@dataclass(frozen=True)
class PostgresTarget:
    """A server's name among us, and where it is. The URL holds a password: it is not shown."""

    name: str
    host: str
    port: int
    database: str
    url: str = ""

    def __repr__(self) -> str:
        return f"PostgresTarget({self.name} at {self.address})"

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}/{self.database}"


@dataclass(frozen=True)
class Role:
    """What the login may do. `writes`: something that changes a table or ends somebody's session."""

    name: str
    superuser: bool
    monitor: bool
    writes: str | None
    version: str

    @property
    def refused(self) -> str | None:
        """Why nothing is looked at with this login."""
        if self.superuser:
            return f"{self.name} is a superuser; an investigation only looks with a role that can only read"
        return None


def postgres_targets(settings: Settings) -> list[PostgresTarget]:
    """The configured servers, by name. Raises UnusablePostgresTarget with a sentence that shows no URL."""
    found: list[PostgresTarget] = []
    for name, secret in sorted(settings.postgres_targets.items()):
        url = secret.get_secret_value()
        try:
            parts = conninfo_to_dict(url)
            port = int(str(parts.get("port") or 5432).split(",")[0])
        except (psycopg.Error, ValueError):
            raise UnusablePostgresTarget(f"NIGHTDESK_POSTGRES_TARGETS: the URL of {name} cannot be read.") from None
        database = str(parts.get("dbname") or parts.get("user") or "postgres")
        found.append(PostgresTarget(name, str(parts.get("host") or "localhost"), port, database, url))
    return found


class PostgresServer:
    """One target, ready to be asked."""

    def __init__(self, target: PostgresTarget, pool: AsyncConnectionPool[Connection]) -> None:
        self.target = target
        self._pool = pool

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator["Look"]:
        """A connection that only reads: the kept one, or a further one. Raises NotReached."""
        try:
            connection = await self._pool.getconn(timeout=_WAIT_SECONDS)
        except PoolTimeout:
            # The pool tries again in the background and does not say why; asking ourselves does.
            async with await dial_target(self.target) as further:
                yield Look(further)
            return
        try:
            yield Look(connection)
        finally:
            await self._pool.putconn(connection)


class Look:
    """Asks one server through one connection, each question in a read-only transaction of its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def rows(self, query: str, seconds: float) -> list[Row]:
        """The rows as JSON has them: times as text, arrays as lists. Raises NotAnswered."""
        limits = f"set local statement_timeout = {int(seconds * 1000)}; set local lock_timeout = {_LOCK_MS}"
        try:
            async with self._connection.transaction():
                await self._connection.execute(limits.encode())
                # Every query is one of ours; the role can only read whatever stood here.
                as_json = f"select to_jsonb(found) from ({query}) found"  # noqa: S608
                cursor = await self._connection.execute(as_json.encode())
                return [row[0] for row in await cursor.fetchall()]
        except psycopg.Error as error:
            raise NotAnswered(sentence(error)) from None

    async def role(self, seconds: float) -> Role:
        """Who we are there. Raises NotAnswered."""
        (row,) = await self.rows(_ROLE, seconds)
        return Role(**row)


# A schema everybody may create in, as before PostgreSQL 15, is no right of this role.
_ROLE = """
select current_user as name, r.rolsuper as superuser, current_setting('server_version') as version,
    pg_has_role('pg_read_all_stats', 'usage') as monitor,
    case when r.rolcreaterole then 'create roles' when r.rolreplication then 'replicate'
        when pg_has_role('pg_signal_backend', 'usage') then 'end sessions'
        when exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
            and has_table_privilege(c.oid, 'insert, update, delete, truncate')) then 'write to tables'
    end as writes
from pg_roles r where r.rolname = current_user"""


async def dial_target(target: PostgresTarget) -> Connection:
    """A connection outside the pool. Raises NotReached."""
    try:
        connection = await AsyncConnection.connect(target.url, **_ARGUMENTS)
    except psycopg.Error as error:
        raise NotReached(sentence(error), full=is_full(error)) from None
    await _prepare(connection)
    return connection


@asynccontextmanager
async def open_server(target: PostgresTarget) -> AsyncGenerator[PostgresServer]:
    """Starts connecting and does not wait for it: a server that is down now may be there when it is asked."""
    pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
        target.url,
        kwargs=_ARGUMENTS,
        min_size=1,
        max_size=MOST_CONNECTIONS,
        max_lifetime=_KEPT_SECONDS,
        configure=_prepare,
        check=AsyncConnectionPool.check_connection,
        name=f"target-{target.name}",
        open=False,
    )
    async with pool:
        yield PostgresServer(target, pool)


_ARGUMENTS: dict[str, Any] = {
    "autocommit": True,
    "prepare_threshold": None,
    "application_name": "nightdesk",
    "connect_timeout": 3,
}


async def _prepare(connection: Connection) -> None:
    await connection.set_read_only(True)


def is_full(error: psycopg.Error) -> bool:
    """Did the server refuse because all connection slots are taken? libpq gives no SQLSTATE while connecting."""
    return error.sqlstate == _FULL or "too many clients" in str(error) or "connection slots are reserved" in str(error)


def sentence(error: psycopg.Error) -> str:
    """What went wrong, on one line; libpq names host, port and role, never a password."""
    return " ".join((error.diag.message_primary or str(error) or type(error).__name__).split())[:300]
