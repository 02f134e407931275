"""One PostgreSQL for a test run, with a migrated template that every test clones its database from."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from backend.embedded import bootstrap, cluster, install, migrate, postgres
from tests.real import REQUIRED

TEMPLATE = "nightdesk_template"
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
needs_debian_15 = pytest.mark.skipif(
    not (DEBIAN_15 / "postgres").exists() and not REQUIRED, reason="needs PostgreSQL 15: apt install postgresql-15"
)
# A run leaves some hundred megabytes at a time; a container's usual /dev/shm has 64.
ENOUGH = 4 << 30
# Tests may lose everything in a power cut. Databases live for seconds: nothing in them is worth a vacuum, and dropping
# one waits for the launcher of vacuums, which may sleep for a minute.
FAST = {
    **{"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"},
    **{"autovacuum": "off", "max_connections": "400"},
}


@dataclass(frozen=True)
class TestServer:
    """A running cluster, as URLs."""

    __test__ = False

    admin_url: str
    service_url: str

    def url(self, database: str) -> str:
        """That database as the service login `postgres`."""
        return with_database(self.service_url, database)

    @contextmanager
    def database(self, template: str = TEMPLATE) -> Generator[str]:
        """A database of its own, cloned from `template`, dropped afterwards. Yields its URL."""
        name = f"nd_{secrets.token_hex(6)}"
        with psycopg.connect(self.service_url, autocommit=True) as connection:
            connection.execute(f"create database {name} template {template} strategy file_copy".encode())
        try:
            yield self.url(name)
        finally:
            # As superuser: autovacuum may be at work in it, and only a superuser may end that.
            with psycopg.connect(self.admin_url, autocommit=True) as connection:
                connection.execute(f"drop database {name} with (force)".encode())


def with_database(url: str, database: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{database}"))


@contextmanager
def serve(programs: Path | None = None) -> Generator[TestServer]:
    """A throw-away cluster with the template in it; `programs`: another PostgreSQL than the wheel's."""
    installs = [install.install_at(programs)] if programs else None
    with short_folder() as folder:
        place = cluster.prepare(folder, installs=installs, sync=False)
        with postgres.running(place, settings=FAST):
            bootstrap.bootstrap_embedded(place)
            make_template(place)
            yield TestServer(place.url(cluster.ADMIN), place.url())


def roomy_memory() -> str | None:
    """Where there is room, clusters live in memory: cloning a database there takes half the time."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or not os.access(memory, os.W_OK):
        return None
    room = os.statvfs(memory)
    executable = not room.f_flag & os.ST_NOEXEC
    return str(memory) if executable and room.f_bavail * room.f_frsize > ENOUGH else None


def make_template(place: cluster.Cluster) -> None:
    with psycopg.connect(place.url(), autocommit=True) as connection:
        connection.execute(f"create database {TEMPLATE}".encode())
    bootstrap.bootstrap_embedded(place, TEMPLATE)
    migrate.migrate(place.url(database=TEMPLATE))


@contextmanager
def short_folder() -> Generator[Path]:
    """A folder that an unprivileged PostgreSQL can reach also when root runs the tests (pytest's own are 0700)."""
    folder = Path(tempfile.mkdtemp(prefix="nightdesk-test-", dir=roomy_memory() or "/tmp"))
    if os.geteuid() == 0:
        folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
