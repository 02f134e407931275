"""The bootstrap: what a Supabase database has, a plain PostgreSQL gets; a real Supabase is left alone."""

from collections.abc import Generator
from urllib.parse import urlsplit

import psycopg
import pytest

from backend.embedded import cluster, postgres
from backend.embedded.bootstrap import BootstrapFailed, bootstrap_external
from backend.embedded.install import install_at
from backend.embedded.migrate import MigrationFailed, migrate
from tests.support.server import DEBIAN_15, FAST, TestServer, needs_debian_15, serve, short_folder, with_database


@pytest.fixture(scope="module", params=["wheel", pytest.param("debian 15", marks=needs_debian_15)])
def server(request: pytest.FixtureRequest) -> Generator[TestServer]:
    # A server of its own: logins belong to the whole server, and these tests make some.
    with serve(DEBIAN_15 if request.param == "debian 15" else None) as own:
        yield own


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(params=["wheel", pytest.param("debian 15", marks=needs_debian_15)])
def plain_url(request: pytest.FixtureRequest) -> Generator[str]:
    """A server that has never heard of Supabase, as its superuser."""
    installs = [install_at(DEBIAN_15)] if request.param == "debian 15" else None
    with short_folder() as folder:
        place = cluster.prepare(folder, installs=installs, sync=False)
        with postgres.running(place, settings=FAST):
            yield place.url(cluster.ADMIN)


def somebodys_database(admin_url: str, options: str) -> str:
    """A database and the login that owns it, as in somebody's own PostgreSQL."""
    query(admin_url, f"create role somebody login password 'pw' {options}")
    query(admin_url, "create database theirs owner somebody")
    return urlsplit(with_database(admin_url, "theirs"))._replace(netloc="somebody:pw@").geturl()


def test_the_service_login_is_what_it_is_on_supabase(server: TestServer):
    (row,) = query(
        server.admin_url,
        "select rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls from pg_roles"
        " where rolname = 'postgres'",
    )
    assert row == (False, True, True, True, True)


@pytest.mark.parametrize(
    "statement",
    [
        "create table auth.mine ()",
        "create table realtime.mine ()",
        "alter table auth.users add column mine int",
        "create index on auth.users (email)",
        "create policy mine on auth.users for select to anon using (true)",
        "create publication everything for all tables",
        "alter role postgres superuser",
        "alter system set work_mem = '1GB'",
        "set session_replication_role = replica",
        "create table t (x int); copy t from program 'true'",
        "create table t (); alter table t owner to supabase_admin",
    ],
)
def test_what_hosted_supabase_refuses_is_refused_here(server: TestServer, statement: str):
    with server.database() as url, pytest.raises(psycopg.errors.InsufficientPrivilege):
        query(url, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "create table t (user_id uuid references auth.users (id)); alter publication supabase_realtime add table t",
        "create function f() returns trigger language plpgsql security definer as 'begin return new; end';"
        "create trigger t after insert on auth.users for each row execute function f()",
        "create policy p on realtime.messages for select to authenticated using (true)",
        "set role authenticated; select auth.uid(), auth.role(), auth.email(), auth.jwt()",
        "set role anon; select auth.uid()",
        "create schema mine; create role mine_login_free nologin; drop role mine_login_free",
    ],
)
def test_what_hosted_supabase_allows_is_allowed_here(server: TestServer, statement: str):
    with server.database() as url:
        query(url, statement)


def test_anon_and_authenticated_see_no_table_that_was_not_granted(server: TestServer):
    with server.database() as url:
        query(url, "create table public.fresh ()")
        for role in ("anon", "authenticated"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                query(url, f"set role {role}; select * from public.fresh")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                query(url, f"set role {role}; select * from auth.users")


@pytest.mark.parametrize("options", ["superuser", "createrole"])
def test_a_plain_database_is_bootstrapped_by_a_login_that_may(plain_url: str, options: str):
    url = somebodys_database(plain_url, options)

    bootstrap_external(url)
    migrate(url)
    bootstrap_external(url)

    assert query(url, "select count(*) from public.teams") == [(1,)]
    query(url, "insert into incidents (team_id, title, target, severity) select id, 't', 'x', 'low' from teams")
    assert query(url, "set role authenticated; select * from incidents") == []
    assert query(url, "select rolname from pg_roles where rolname = 'postgres'") == []


def test_a_login_that_may_not_is_told_what_to_do(plain_url: str):
    url = somebodys_database(plain_url, "")
    with pytest.raises(
        BootstrapFailed, match=r"may not create roles\. Use a Supabase database, or a login with CREATEROLE"
    ):
        bootstrap_external(url)


@pytest.mark.parametrize("options", ["", "createrole"])
def test_another_login_is_told_whose_database_it_is(plain_url: str, options: str):
    url = somebodys_database(plain_url, "createrole")
    bootstrap_external(url)
    migrate(url)
    query(plain_url, f"create role other login password 'pw' {options}")
    query(plain_url, "grant all on database theirs to other")

    with pytest.raises(
        BootstrapFailed, match=r"by the login 'somebody', and 'other' may not use .* Put 'somebody' into"
    ):
        bootstrap_external(url.replace("somebody:pw@", "other:pw@"))


def test_another_login_may_not_migrate_a_real_supabase_either(plain_url: str):
    url = somebodys_database(plain_url, "superuser")
    query(url, "create schema auth; create schema supabase_migrations")
    query(plain_url, "create role other login password 'pw'")
    theirs = url.replace("somebody:pw@", "other:pw@")

    bootstrap_external(theirs)
    with pytest.raises(MigrationFailed, match=r"may not keep the migration history: .* Use the owner of the database"):
        migrate(theirs)


def test_the_login_that_an_embedded_database_was_made_for_needs_no_bootstrap(server: TestServer):
    with server.database() as url:
        bootstrap_external(url)


def test_a_real_supabase_is_left_alone(plain_url: str):
    url = somebodys_database(plain_url, "superuser")
    query(url, "create schema auth; create table auth.users (id uuid primary key)")

    bootstrap_external(url)

    assert query(url, "select to_regnamespace('realtime')") == [(None,)]
