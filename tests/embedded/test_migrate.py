"""Migrations on the wheel's PostgreSQL and on Debian's 15: recorded like the Supabase CLI, all or nothing per file."""

import threading
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest

from backend.embedded import bootstrap
from backend.embedded.migrate import LOCK_KEY, MIGRATIONS, MigrationFailed, known_migrations, migrate, pending
from tests.support.server import DEBIAN_15, TestServer, needs_debian_15, serve, with_database

VERSIONS = [m.version for m in known_migrations()]


@pytest.fixture(scope="module", params=["wheel", pytest.param("debian 15", marks=needs_debian_15)])
def server(request: pytest.FixtureRequest) -> Generator[TestServer]:
    if request.param == "wheel":
        yield request.getfixturevalue("postgres_server")
    else:
        with serve(DEBIAN_15) as old:
            yield old


@pytest.fixture
def empty(server: TestServer) -> Generator[str]:
    """A bootstrapped database without any migration."""
    with server.database("template1") as url:
        name = url.split("?")[0].rsplit("/", 1)[1]
        with psycopg.connect(with_database(server.admin_url, name), autocommit=True) as connection:
            bootstrap.apply(connection, "postgres", None)
        yield url


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.sql").write_text(text)
    return folder


def test_all_migrations_apply_once_as_a_login_that_is_no_superuser(empty: str):
    assert query(empty, "select rolsuper from pg_roles where rolname = current_user") == [(False,)]

    assert [m.version for m in migrate(empty)] == VERSIONS
    assert migrate(empty) == []

    rows = query(
        empty, "select version, name, cardinality(statements) > 0 from supabase_migrations.schema_migrations order by 1"
    )
    assert rows == [(m.version, m.name, True) for m in known_migrations()]


def test_a_database_that_sentinel_filled_before_us_keeps_its_rows(empty: str):
    query(empty, (MIGRATIONS / "0001_initial_schema.sql").read_text())
    query(
        empty,
        "insert into incidents (title, target, severity, status) values"
        " ('old', 'web', 'high', 'resolved'), ('open', 'db', 'low', 'detected');"
        "insert into incident_events (incident_id, status) select id, status from incidents",
    )

    migrate(empty)

    found = query(empty, "select title, number, team_id is not null, started_at = created_at from incidents order by 1")
    assert sorted(found) == sorted([("old", found[0][1], True, True), ("open", found[1][1], True, True)])
    assert {row[1] for row in found} == {1, 2}
    assert query(empty, "select count(*) from incident_events where team_id is not null") == [(2,)]


def test_the_hardening_alone_is_safe_twice_on_an_existing_database(empty: str):
    query(empty, (MIGRATIONS / "0001_initial_schema.sql").read_text())
    query(empty, "insert into incidents (title, target, severity) values ('a', 'web', 'high')")
    hardening = (MIGRATIONS / "0002_production_hardening.sql").read_text()

    query(empty, hardening)
    query(empty, hardening)

    assert query(empty, "select count(*), count(fingerprint) from incidents") == [(1, 0)]


def test_a_file_that_fails_is_named_with_its_line_and_leaves_nothing(empty: str, tmp_path: Path):
    folder = write(
        tmp_path, **{"0001_good": "create table good ();", "0002_bad": "create table half ();\n\nselect\n  nowhere;\n"}
    )

    with pytest.raises(MigrationFailed, match=r"^0002_bad\.sql:4: column \"nowhere\" does not exist \(42703\)\."):
        migrate(empty, folder)

    assert query(empty, "select to_regclass('good')::text, to_regclass('half')::text") == [("good", None)]
    assert query(empty, "select version from supabase_migrations.schema_migrations") == [("0001",)]
    assert [m.version for m in pending(empty, folder)] == ["0002"]


def test_an_error_without_a_position_names_the_first_line_of_its_statement(empty: str, tmp_path: Path):
    folder = write(tmp_path, **{"0001_twice": "create table t ();\n-- again\ncreate table t ();"})
    with pytest.raises(MigrationFailed, match=r"0001_twice\.sql:3: relation \"t\" already exists"):
        migrate(empty, folder)


def test_what_a_file_sets_for_its_session_does_not_reach_the_next(empty: str, tmp_path: Path):
    folder = write(
        tmp_path,
        **{
            "0001_a": "create schema s; select set_config('search_path', 's', false);",
            "0002_b": "create table here ();",
        },
    )
    migrate(empty, folder)
    assert query(empty, "select to_regclass('public.here') is not null") == [(True,)]


def test_a_file_may_do_without_a_transaction(empty: str, tmp_path: Path):
    folder = write(
        tmp_path,
        **{
            "0001_a": "create table t (x int);",
            "0002_b": "-- An index on a large table.\n-- no-transaction\ncreate index concurrently i on t (x);",
        },
    )
    migrate(empty, folder)
    assert query(empty, "select indisvalid from pg_index where indexrelid = 'i'::regclass") == [(True,)]


def test_a_database_of_a_newer_version_is_refused(empty: str, tmp_path: Path):
    migrate(empty, write(tmp_path, **{"0001_a": "select 1", "0999_future": "select 1"}))
    with pytest.raises(MigrationFailed, match=r"does not know \(0999\)"):
        migrate(empty)


def test_the_history_that_the_supabase_cli_wrote_is_respected(empty: str):
    first = known_migrations()[0]
    query(empty, first.path.read_text())
    query(
        empty,
        "create schema supabase_migrations;"
        "create table supabase_migrations.schema_migrations (version text not null primary key);"
        f"insert into supabase_migrations.schema_migrations values ('{first.version}')",
    )
    assert [m.version for m in migrate(empty)] == VERSIONS[1:]


def test_two_runners_at_once_apply_each_file_once(empty: str, tmp_path: Path):
    folder = write(tmp_path, **{"0001_a": "select pg_sleep(0.2); create table t ();"})
    applied: list[int] = []
    runners = [threading.Thread(target=lambda: applied.append(len(migrate(empty, folder)))) for _ in range(4)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert sorted(applied) == [0, 0, 0, 1]


def test_a_runner_that_is_killed_leaves_no_lock(empty: str):
    with psycopg.connect(empty, autocommit=True) as killed:
        killed.execute("select pg_advisory_lock(%s)", (LOCK_KEY,))
        query(empty, f"select pg_terminate_backend({killed.info.backend_pid}, 5000)")
        assert migrate(empty)


def test_nobody_but_a_member_reads_an_incident(empty: str):
    migrate(empty)
    query(empty, "insert into incidents (team_id, title, target, severity) select id, 't', 'x', 'low' from teams")
    with psycopg.connect(empty) as connection:
        connection.execute("set local role authenticated")
        claims = '{"sub": "5e7f0f0e-3b1d-4c8e-9b1a-000000000000"}'
        connection.execute("select set_config('request.jwt.claims', %s, true)", (claims,))
        assert connection.execute("select count(*) from incidents").fetchone() == (0,)
        assert connection.execute("select auth.uid()::text").fetchone() == ("5e7f0f0e-3b1d-4c8e-9b1a-000000000000",)


def test_two_files_of_one_version_are_refused_before_anything_runs(tmp_path: Path):
    write(tmp_path, **{"0001_mine": "", "0001_yours": ""})
    with pytest.raises(MigrationFailed, match=r"0001_mine\.sql and 0001_yours\.sql have the same version"):
        known_migrations(tmp_path)
