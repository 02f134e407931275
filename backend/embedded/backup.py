"""Backup and restore of the whole database in one file, with pg_dump and pg_restore of the same wheel.

A restore happens in a database beside the present one and takes its name at the end: it succeeds as a whole, or the
present database stays as it was.
"""

import os
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg

from backend import instance
from backend.embedded import bootstrap, cluster, migrate, postgres
from backend.embedded.connect import serving
from backend.embedded.install import choose, wheel_installs
from backend.errors import NightdeskError
from backend.settings import Settings

DATABASE = "postgres"
INCOMING = "nightdesk_incoming"
OUTGOING = "nightdesk_outgoing"
# Hosted Supabase keeps auth and realtime itself and does not let anybody else restore them.
SUPABASE_SCHEMAS = ("public", "nightdesk", "jobs", "langgraph", "supabase_migrations")


class BackupFailed(NightdeskError):
    """The backup or restore did not work."""

    status, code = 500, "backup_failed"


def backup(settings: Settings, file: Path) -> int:
    """Writes the backup and returns its size in bytes. The file appears when it is complete, readable by us alone."""
    partial = file.with_name(f"{file.name}.partial")
    with serving(settings) as url:
        whole = settings.database_url is None
        place = cluster.existing(settings.data_dir) if whole else None
        source = place.url(cluster.ADMIN) if place else url
        schemas = [] if whole else [part for name in SUPABASE_SCHEMAS for part in ("--schema", name)]
        try:
            os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        except OSError as error:
            raise BackupFailed(f"{partial}: {error.strerror}. Choose another place for the backup.") from None
        try:
            _run("pg_dump", ["--format=custom", "--compress=6", f"--file={partial}", *schemas], source)
        except BackupFailed:
            partial.unlink(missing_ok=True)
            raise
    partial.rename(file)
    return file.stat().st_size


def restore(settings: Settings, file: Path, *, replace: bool) -> None:
    """Puts a backup in the place of the embedded database. Raises BackupFailed, leaving everything as it was."""
    if settings.database_url is not None:
        raise BackupFailed(
            "DATABASE_URL is set: `nightdesk restore` fills the embedded database only. Use pg_restore, or unset it."
        )
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with instance.held(settings.data_dir):
        place = cluster.prepare(settings.data_dir)
        with postgres.running(place):
            # The roles that the backup's tables belong to are the server's, not the database's.
            bootstrap.bootstrap_embedded(place)
            if not replace:
                _refuse_loss(place)
            _fill(place, file)
            _swap(place)
            bootstrap.bootstrap_embedded(place)
            migrate.migrate(place.url())


def _refuse_loss(place: cluster.Cluster) -> None:
    with psycopg.connect(place.url(cluster.ADMIN)) as connection:
        if connection.execute("select to_regclass('public.incidents')").fetchone() == (None,):
            return
        row = connection.execute("select (select count(*) from public.incidents), (select count(*) from auth.users)")
        incidents, people = row.fetchone() or (0, 0)
    # A fresh installation has its first owner and nothing else.
    if incidents or people > 1:
        raise BackupFailed(
            f"The database has {incidents} incidents and {people} people, who would be lost. "
            "Make a backup of it first, then use --replace."
        )


def _fill(place: cluster.Cluster, file: Path) -> None:
    with psycopg.connect(place.url(cluster.ADMIN, "template1"), autocommit=True) as connection:
        connection.execute(f"drop database if exists {INCOMING} with (force)".encode())
        connection.execute(f"create database {INCOMING} template template0 owner {cluster.SERVICE_USER}".encode())
    arguments = ["--exit-on-error", "--single-transaction", f"--dbname={INCOMING}", str(file)]
    _run("pg_restore", arguments, place.url(cluster.ADMIN, INCOMING))
    with psycopg.connect(place.url(cluster.ADMIN, INCOMING)) as connection:
        if connection.execute("select to_regclass('public.incidents')").fetchone() == (None,):
            raise BackupFailed(f"{file} is a PostgreSQL backup, but not one of Nightdesk.")


def _swap(place: cluster.Cluster) -> None:
    with psycopg.connect(place.url(cluster.ADMIN, "template1")) as connection:
        connection.execute(f"alter database {DATABASE} rename to {OUTGOING}".encode())
        connection.execute(f"alter database {INCOMING} rename to {DATABASE}".encode())
    with psycopg.connect(place.url(cluster.ADMIN, "template1"), autocommit=True) as connection:
        connection.execute(f"drop database {OUTGOING} with (force)".encode())


def _run(program: str, arguments: list[str], url: str) -> None:
    """Runs a PostgreSQL client; the password goes through its environment, which `ps` does not show."""
    ran = subprocess.run(
        [choose(wheel_installs(), None).program(program), "--no-password", *arguments],
        env={**cluster.bare_environment(), **_connection_variables(url)},
        capture_output=True,
        text=True,
    )
    if ran.returncode != 0:
        raise BackupFailed(f"{program}: {cluster.sentence(ran.stderr)}")


def _connection_variables(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    found = {
        "PGHOST": query.get("host") or parts.hostname,
        "PGPORT": query.get("port") or (str(parts.port) if parts.port else None),
        "PGUSER": unquote(parts.username) if parts.username else None,
        "PGPASSWORD": unquote(parts.password) if parts.password else None,
        "PGDATABASE": unquote(parts.path.lstrip("/")) or None,
        "PGSSLMODE": query.get("sslmode"),
    }
    return {name: value for name, value in found.items() if value}
