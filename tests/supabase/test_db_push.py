"""`supabase db push` by the real CLI, and our own runner, agree about what has been applied."""

import re
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest

from backend.embedded import migrate
from tests.supabase.cli import Cli, installed_cli
from tests.supabase.conftest import Hosted, Project

ALL = [migration.version for migration in migrate.known_migrations()]
POLICIES = "0012_realtime_policies.sql"
UP_TO_DATE = "Remote database is up to date."


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return installed_cli(tmp_path)


def history(project: Project) -> list[str]:
    with psycopg.connect(project.url) as connection:
        rows = connection.execute("select version from supabase_migrations.schema_migrations order by version")
        return [row[0] for row in rows]


def listed(cli: Cli, project: Project) -> list[tuple[str, str]]:
    """(local, remote) of `supabase migration list`."""
    output = cli.run("migration", "list", database=project.url).output
    rows = [line.split("|") for line in output.splitlines() if line.count("|") == 2]
    cells = [tuple(cell.strip(" `") for cell in row[:2]) for row in rows]
    return [(local, remote) for local, remote in cells if re.fullmatch(r"\d*", local + remote) and local + remote]


def schema_of(server: Hosted, project: Project) -> list[str]:
    """Every statement that makes the schema, the CLI's own history apart."""
    dump = [server.place.install.program("pg_dump"), "--schema-only", "--exclude-schema=supabase_migrations"]
    done = subprocess.run([*dump, project.admin_url], capture_output=True, text=True, check=True)
    # Newer versions guard the dump with a random word.
    return [line for line in done.stdout.splitlines() if not line.startswith((r"\restrict", r"\unrestrict"))]


def test_the_login_of_the_cli_is_not_a_superuser(project: Project) -> None:
    with psycopg.connect(project.url) as connection:
        row = connection.execute("select current_user, rolsuper from pg_roles where rolname = current_user").fetchone()
    assert row == ("postgres", False)


def test_every_migration_applies_and_our_runner_then_finds_nothing_to_do(cli: Cli, project: Project) -> None:
    pushed = cli.push(project.url)
    assert pushed.status == 0, pushed.output
    assert history(project) == ALL
    assert migrate.pending(project.url) == []
    assert migrate.migrate(project.url) == []
    again = cli.push(project.url)
    assert (again.status, UP_TO_DATE in again.output) == (0, True), again.output


def test_after_our_runner_the_cli_finds_nothing_to_do(cli: Cli, project: Project) -> None:
    migrate.migrate(project.url)
    assert listed(cli, project) == [(version, version) for version in ALL]
    pushed = cli.push(project.url)
    assert (pushed.status, UP_TO_DATE in pushed.output) == (0, True), pushed.output


def test_each_goes_on_where_the_other_stopped(cli: Cli, project: Project, tmp_path: Path) -> None:
    files = sorted(cli.migrations.glob("*.sql"))
    ours, aside = tmp_path / "ours", tmp_path / "aside"
    ours.mkdir()
    aside.mkdir()
    for file in files[:4]:
        shutil.copy(file, ours)
    migrate.migrate(project.url, ours)
    for file in files[8:]:
        shutil.move(file, aside)
    pushed = cli.push(project.url)
    assert pushed.status == 0, pushed.output
    assert history(project) == ALL[:8]
    assert [migration.version for migration in migrate.migrate(project.url)] == ALL[8:]


def test_both_make_the_same_schema(cli: Cli, server: Hosted, project: Project) -> None:
    assert cli.push(project.url).status == 0
    with server.project() as other:
        migrate.migrate(other.url)
        assert schema_of(server, project) == schema_of(server, other)


def test_a_file_that_fails_leaves_nothing_behind(cli: Cli, project: Project) -> None:
    (cli.migrations / "9000_broken.sql").write_text("create table public.half (id int);\nselect 1 / 0;\n")
    pushed = cli.push(project.url)
    assert pushed.status != 0
    assert history(project) == ALL
    with psycopg.connect(project.url) as connection:
        assert connection.execute("select to_regclass('public.half')").fetchone() == (None,)


def test_a_project_that_refuses_the_channel_policy_is_finished_by_hand(cli: Cli, project: Project) -> None:
    """Where the CLI may not create policies on realtime.messages, docs/supabase.md has two steps instead."""
    with psycopg.connect(project.admin_url, autocommit=True) as connection:
        connection.execute("alter table realtime.messages owner to supabase_admin")
        pushed = cli.push(project.url)
        assert pushed.status != 0
        assert "must be owner of table messages" in pushed.output
        assert history(project) == ALL[: ALL.index("0012")]
        connection.execute((cli.migrations / POLICIES).read_bytes())
    repaired = cli.run("migration", "repair", "0012", "--status", "applied", database=project.url)
    assert repaired.status == 0, repaired.output
    pushed = cli.push(project.url)
    assert pushed.status == 0, pushed.output
    assert migrate.migrate(project.url) == []


def test_the_seed_is_loaded_by_the_cli_and_changes_nothing_the_second_time(cli: Cli, project: Project) -> None:
    seeded = cli.run("db", "push", "--include-seed", database=project.url)
    assert seeded.status == 0, seeded.output
    tables = ("teams", "incidents", "incident_events", "monitors", "runbook_hooks", "evidence", "hypotheses")
    with psycopg.connect(project.url, autocommit=True) as connection:
        counts = [connection.execute(f"select count(*) from public.{table}".encode()).fetchone() for table in tables]
        assert all(count and count[0] for count in counts), dict(zip(tables, counts, strict=True))
        connection.execute((cli.workdir / "supabase" / "seed.sql").read_bytes())
        again = [connection.execute(f"select count(*) from public.{table}".encode()).fetchone() for table in tables]
    assert again == counts


def test_no_two_files_have_the_same_version() -> None:
    """The history knows a file by its version alone: of two, one would never be applied."""
    assert len(set(ALL)) == len(ALL)
