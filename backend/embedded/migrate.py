"""Applies supabase/migrations in order and keeps the Supabase CLI's books, so that either may go on after the other.

Every file is one transaction together with its row in supabase_migrations.schema_migrations: applied and recorded, or
neither. A file whose first lines hold `-- no-transaction` (for CREATE INDEX CONCURRENTLY) runs statement by statement.
"""

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection

from backend.embedded.dial import dial
from backend.embedded.sql import sql_directory
from backend.embedded.statements import Statement, split
from backend.errors import NightdeskError

MIGRATIONS = sql_directory() / "migrations"
# Any number will do as long as it stays: two runners at once must meet on it.
LOCK_KEY = 7_083_451_129
LOCK_TIMEOUT = "60s"
NO_TRANSACTION = "-- no-transaction"

# Supabase CLI, pkg/migration/history.go
HISTORY = (
    "create schema if not exists supabase_migrations",
    "create table if not exists supabase_migrations.schema_migrations (version text not null primary key)",
    "alter table supabase_migrations.schema_migrations add column if not exists statements text[]",
    "alter table supabase_migrations.schema_migrations add column if not exists name text",
)
RECORD = "insert into supabase_migrations.schema_migrations (version, name, statements) values (%s, %s, %s)"


class MigrationFailed(NightdeskError):
    """A migration could not be applied."""

    status, code = 500, "migration_failed"


@dataclass(frozen=True)
class Migration:
    """One file: `0003_teams.sql` is version 0003, name teams."""

    version: str
    name: str
    path: Path

    def statements(self) -> list[Statement]:
        return split(self.path.read_text())

    @property
    def in_transaction(self) -> bool:
        head = self.path.read_text().splitlines()[:5]
        return not any(line.strip().startswith(NO_TRANSACTION) for line in head)


def known_migrations(folder: Path = MIGRATIONS) -> list[Migration]:
    """The files in the order they apply. The CLI ignores names of another form, and so do we."""
    files = sorted(folder.glob("*.sql"), key=lambda path: path.name)
    matched = ((re.fullmatch(r"([0-9]+)_(.*)\.sql", path.name), path) for path in files)
    known = [Migration(found[1], found[2], path) for found, path in matched if found]
    for one, next_one in pairwise(known):
        if one.version == next_one.version:
            raise MigrationFailed(f"{one.path.name} and {next_one.path.name} have the same version; give one the next.")
    return known


def migrate(
    url: str, folder: Path = MIGRATIONS, *, on_apply: Callable[[Migration], None] = lambda _: None
) -> list[Migration]:
    """Brings the database up to date and returns what was applied.

    Raises MigrationFailed naming file and line, or when the database is newer than this program.
    """
    known = known_migrations(folder)
    with _session(url) as connection:
        recorded = _recorded(connection)
        unknown = sorted(recorded - {m.version for m in known})
        if unknown:
            raise MigrationFailed(
                f"The database has migrations that this version of Nightdesk does not know ({', '.join(unknown)}): "
                "it was used by a newer one. Install that version, or restore a backup made before the update."
            )
        missing = [m for m in known if m.version not in recorded]
        if missing:
            _open_history(connection)
        for migration in missing:
            on_apply(migration)
            _apply(connection, migration)
    return missing


def pending(url: str, folder: Path = MIGRATIONS) -> list[Migration]:
    """What `migrate` would apply."""
    with _session(url) as connection:
        recorded = _recorded(connection)
    return [m for m in known_migrations(folder) if m.version not in recorded]


@contextmanager
def _session(url: str) -> Generator[Connection[Any]]:
    """A connection that holds the lock of the migration runner; the server gives it back when the session ends."""
    with dial(url) as connection:
        _settle(connection)
        try:
            connection.execute("select pg_advisory_lock(%s)", (LOCK_KEY,))
        except psycopg.errors.LockNotAvailable:
            raise MigrationFailed(
                f"Another process has been migrating this database for {LOCK_TIMEOUT}. Wait for it, then try again."
            ) from None
        yield connection


def _settle(connection: Connection[Any]) -> None:
    """Forgets what a file set for its session (0005 sets search_path)."""
    connection.execute("reset role; reset all")
    connection.execute(f"set lock_timeout = '{LOCK_TIMEOUT}'; set statement_timeout = 0".encode())


def _recorded(connection: Connection[Any]) -> set[str]:
    try:
        # Looking for the table is refused, too, to those who may not enter its schema.
        if connection.execute("select to_regclass('supabase_migrations.schema_migrations')").fetchone() == (None,):
            return set()
        rows = connection.execute("select version from supabase_migrations.schema_migrations").fetchall()
    except psycopg.errors.InsufficientPrivilege as error:
        raise _not_owner(error) from error
    return {row[0] for row in rows}


def _open_history(connection: Connection[Any]) -> None:
    try:
        for statement in HISTORY:
            connection.execute(statement.encode())
    except psycopg.errors.InsufficientPrivilege as error:
        raise _not_owner(error) from error


def _not_owner(error: psycopg.Error) -> MigrationFailed:
    return MigrationFailed(
        f"The login of DATABASE_URL may not keep the migration history: {error.diag.message_primary}. "
        "Use the owner of the database (on Supabase: postgres)."
    )


def _apply(connection: Connection[Any], migration: Migration) -> None:
    statements = migration.statements()
    record = (migration.version, migration.name, [s.sql for s in statements])
    try:
        if migration.in_transaction:
            with connection.transaction():
                _run(connection, migration, statements)
                connection.execute(RECORD, record)
        else:
            _run(connection, migration, statements)
            connection.execute(RECORD, record)
    finally:
        if not connection.closed:
            _settle(connection)


def _run(connection: Connection[Any], migration: Migration, statements: list[Statement]) -> None:
    for statement in statements:
        try:
            connection.execute(statement.sql.encode())
        except psycopg.Error as error:
            raise MigrationFailed(_where(migration, statement, error)) from error


def _where(migration: Migration, statement: Statement, error: psycopg.Error) -> str:
    """`0003_teams.sql:12: relation "x" does not exist (42P01).` The line within the statement when PostgreSQL tells."""
    offset = int(error.diag.statement_position or 1) - 1
    line = statement.line + statement.sql.count("\n", 0, offset)
    message = error.diag.message_primary or str(error).strip() or type(error).__name__
    more = [part for part in (error.diag.message_detail, error.diag.message_hint) if part]
    kept = "Nothing of this file was kept." if migration.in_transaction else "What came before it in this file stays."
    where = f"{migration.path.name}:{line}: {message} ({error.sqlstate or 'no connection'})."
    return " ".join([where, *more, kept])
