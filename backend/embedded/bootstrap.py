"""Gives a plain PostgreSQL what every Supabase database has: roles, schemas, sign-in tables, realtime functions.

It lives outside supabase/migrations because hosted Supabase brings all of it and refuses to have it touched.
"""

import hashlib
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection, sql

from backend.embedded.cluster import ADMIN, SERVICE_USER, Cluster
from backend.embedded.dial import dial
from backend.embedded.sql import sql_directory
from backend.errors import NightdeskError

BOOTSTRAP = sql_directory() / "embedded"
# Two processes that start at once must not both create roles: roles belong to the whole server, so this lock does, too.
LOCK_KEY = 7_083_451_130


class BootstrapFailed(NightdeskError):
    """The database lacks what Supabase brings, and it could not be added."""

    status, code = 500, "bootstrap_failed"


def bootstrap_embedded(cluster: Cluster, database: str = "postgres") -> None:
    """As superuser supabase_admin, for the service login `postgres`, whose password is set here."""
    with dial(cluster.url(ADMIN, database)) as connection:
        apply(connection, SERVICE_USER, cluster.passwords[SERVICE_USER])


def bootstrap_external(url: str) -> None:
    """For DATABASE_URL: nothing on a real Supabase; on a plain PostgreSQL the same, as far as its login may."""
    with dial(url) as connection:
        ours, has_auth, may = _look(connection)
        if has_auth and not ours:
            return
        if not may and not ours:
            raise BootstrapFailed(
                f"The database {connection.info.dbname!r} has no auth schema, and {connection.info.user!r} may not "
                "create roles. Use a Supabase database, or a login with CREATEROLE that owns the database."
            )
        if (owner := _made_by_another(connection)) is not None:
            # On an embedded database that is the superuser, who made it for the login that migrates.
            if not _migrates(connection):
                raise BootstrapFailed(
                    f"The database {connection.info.dbname!r} was set up for Nightdesk by the login {owner!r}, and "
                    f"{connection.info.user!r} may not use what that one made. Put {owner!r} into DATABASE_URL, or "
                    f"give {connection.info.user!r} a database of its own."
                )
            return
        if may:
            apply(connection, connection.info.user, None)


def apply(connection: Connection[Any], service_user: str, password: str | None, folder: Path = BOOTSTRAP) -> bool:
    """Applies the files in order, all or none, when any has changed since the last time. Returns whether it did.

    `password`: the service login gets it; None leaves it alone.
    """
    files = sorted(folder.glob("*.sql"), key=lambda path: path.name)
    texts = [path.read_text() for path in files]
    digest = hashlib.sha256("\0".join([service_user, *texts]).encode()).hexdigest()
    if _applied(connection) == digest:
        return False
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (LOCK_KEY,))
        connection.execute("select set_config('nightdesk.service_user', %s, true)", (service_user,))
        connection.execute("set local client_min_messages = warning")
        for path, text in zip(files, texts, strict=True):
            _run(connection, path, text)
        if password is not None:
            login, secret = sql.Identifier(service_user), sql.Literal(password)
            connection.execute(sql.SQL("alter role {} password {}").format(login, secret))
        connection.execute("create schema if not exists nightdesk_bootstrap")
        connection.execute(
            "create table if not exists nightdesk_bootstrap.applied (digest text not null, at timestamptz)"
        )
        connection.execute("delete from nightdesk_bootstrap.applied")
        connection.execute("insert into nightdesk_bootstrap.applied values (%s, now())", (digest,))
    return True


def _applied(connection: Connection[Any]) -> str | None:
    if connection.execute("select to_regclass('nightdesk_bootstrap.applied')").fetchone() == (None,):
        return None
    row = connection.execute("select digest from nightdesk_bootstrap.applied").fetchone()
    return row[0] if row else None


def _look(connection: Connection[Any]) -> tuple[bool, bool, bool]:
    """(bootstrapped by us, has a schema auth, may create roles and schemas)"""
    row = connection.execute(
        "select to_regnamespace('nightdesk_bootstrap') is not null, to_regnamespace('auth') is not null,"
        " (rolsuper or rolcreaterole) and has_database_privilege(current_database(), 'create')"
        " from pg_roles where rolname = current_user"
    ).fetchone()
    return row or (False, False, False)


def _made_by_another(connection: Connection[Any]) -> str | None:
    """The login that bootstrapped the database, when that is not this one, nor this one a superuser."""
    row = connection.execute(
        "select pg_get_userbyid(nspowner) from pg_namespace, pg_roles me"
        " where nspname = 'nightdesk_bootstrap' and rolname = current_user and nspowner <> me.oid and not rolsuper"
    ).fetchone()
    return row[0] if row else None


def _migrates(connection: Connection[Any]) -> bool:
    row = connection.execute(
        "select 1 from pg_namespace where nspname = 'supabase_migrations' and pg_get_userbyid(nspowner) = current_user"
    ).fetchone()
    return row is not None


def _run(connection: Connection[Any], path: Path, text: str) -> None:
    try:
        connection.execute(text.encode())
    except psycopg.Error as error:
        line = text.count("\n", 0, int(error.diag.statement_position or 1) - 1) + 1
        where = f"{path.name}:{line}" if error.diag.statement_position else path.name
        context = (error.diag.context or "").replace("\n", "; ")
        raise BootstrapFailed(
            f"{where}: {error.diag.message_primary} ({error.sqlstate}). {context}".rstrip()
        ) from error
