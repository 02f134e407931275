"""Servers as the Supabase CLI meets them: TCP and a password on loopback, a login that is no superuser."""

import secrets
import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from backend.embedded import bootstrap, cluster, install, postgres
from tests.real import REQUIRED
from tests.support.server import DEBIAN_15, FAST, short_folder


@dataclass(frozen=True)
class Hosted:
    """A running server and the logins a hosted project has."""

    place: cluster.Cluster
    port: int

    def url(self, user: str, database: str) -> str:
        password = quote(self.place.passwords[user], safe="")
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def admin_url(self, database: str = "postgres") -> str:
        return self.url(cluster.ADMIN, database)

    @contextmanager
    def project(self, template: str = "template1") -> Generator["Project"]:
        """A new database with what Supabase brings and nothing of ours, or a copy of another; dropped afterwards."""
        name = f"project_{secrets.token_hex(6)}"
        with psycopg.connect(self.admin_url(), autocommit=True) as connection:
            connection.execute(f"create database {name} template {template} owner postgres strategy file_copy".encode())
        with psycopg.connect(self.admin_url(name), autocommit=True) as connection:
            bootstrap.apply(connection, cluster.SERVICE_USER, None)
        try:
            yield Project(self.url(cluster.SERVICE_USER, name), self.admin_url(name))
        finally:
            with psycopg.connect(self.admin_url(), autocommit=True) as connection:
                connection.execute(f"drop database {name} with (force)".encode())


@dataclass(frozen=True)
class Project:
    """One project, for `postgres` and for its superuser."""

    url: str
    admin_url: str

    @property
    def name(self) -> str:
        return self.url.rpartition("/")[2]


@contextmanager
def hosted(programs: Path | None) -> Generator[Hosted]:
    """A throw-away server; `programs`: another PostgreSQL than the wheel's."""
    installs = [install.install_at(programs)] if programs else None
    with short_folder() as folder:
        place, port = cluster.prepare(folder, installs=installs, sync=False), free_port()
        with postgres.running(place, settings={**FAST, "listen_addresses": "127.0.0.1", "port": str(port)}):
            server = Hosted(place, port)
            with psycopg.connect(server.admin_url(), autocommit=True) as connection:
                bootstrap.apply(connection, cluster.SERVICE_USER, place.passwords[cluster.SERVICE_USER])
            yield server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def needs_debian_15() -> None:
    if not (DEBIAN_15 / "postgres").exists():
        reason = "needs Debian's PostgreSQL 15: apt install postgresql-15"
        pytest.fail(reason) if REQUIRED else pytest.skip(reason)


@pytest.fixture(scope="package", params=["debian-15", "embedded"])
def server(request: pytest.FixtureRequest) -> Generator[Hosted]:
    """The PostgreSQL of Debian, the oldest we support, and the one of the wheel, the newest."""
    if request.param == "debian-15":
        needs_debian_15()
    with hosted(DEBIAN_15 if request.param == "debian-15" else None) as running:
        yield running


@pytest.fixture
def project(server: Hosted) -> Generator[Project]:
    with server.project() as made:
        yield made
