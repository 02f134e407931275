"""The pgTAP files of supabase/tests against Debian's PostgreSQL 15, and proof that each of them can fail."""

import re
import subprocess
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from backend.embedded import migrate
from tests.real import REQUIRED
from tests.supabase.conftest import Hosted, Project, hosted, needs_debian_15
from tests.support.server import DEBIAN_15

FILES = Path(__file__).parents[2] / "supabase" / "tests"
EXTENSION = Path("/usr/share/postgresql/15/extension/pgtap.control")
# What projects made before May 2026 do with every new table.
OLD_GRANTS = "".join(
    f"alter default privileges for role postgres in schema public grant all on {what} to anon, authenticated;"
    for what in ("tables", "sequences", "functions")
)


@dataclass(frozen=True)
class Tap:
    """What a file answered; `text`: without the lines of what passed."""

    text: str
    passed: int
    failed: tuple[str, ...]
    complete: bool


@pytest.fixture(scope="module")
def debian() -> Generator[Hosted]:
    needs_debian_15()
    if not EXTENSION.exists():
        reason = "needs pgTAP: apt install postgresql-15-pgtap"
        pytest.fail(reason) if REQUIRED else pytest.skip(reason)
    with hosted(DEBIAN_15) as server:
        yield server


@pytest.fixture(scope="module")
def template(debian: Hosted, request: pytest.FixtureRequest) -> Generator[Project]:
    """A project with our migrations; `param`: SQL that ran in it before them."""
    with debian.project() as project:
        with psycopg.connect(project.admin_url, autocommit=True) as connection:
            connection.execute("create extension pgtap with schema extensions")
            connection.execute(getattr(request, "param", "select 1").encode())
        migrate.migrate(project.url)
        yield project


@pytest.fixture
def migrated(debian: Hosted, template: Project) -> Generator[Project]:
    with debian.project(template.name) as copy:
        yield copy


def run(file: Path, project: Project) -> Tap:
    psql = ["psql", "-XqAt", "--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse", f"--file={file}", project.url]
    done = subprocess.run(psql, capture_output=True, text=True, timeout=60)
    lines = done.stdout.splitlines()
    plan = [int(found[1]) for line in lines if (found := re.fullmatch(r"1\.\.(\d+)", line))]
    passed = sum(line.startswith("ok ") for line in lines)
    failed = tuple(line for line in lines if line.startswith("not ok "))
    complete = done.returncode == 0 and plan == [passed + len(failed)] and plan != [0]
    wrong = [line for line in lines + done.stderr.splitlines() if not line.startswith("ok ")]
    return Tap("\n".join(wrong), passed, failed, complete)


@pytest.mark.parametrize("template", ["select 1", OLD_GRANTS], indirect=True, ids=["new-project", "old-project"])
@pytest.mark.parametrize("file", sorted(FILES.glob("*.test.sql")), ids=lambda path: path.name)
def test_everything_a_file_claims_holds(file: Path, migrated: Project) -> None:
    tap = run(file, migrated)
    assert tap.complete, tap.text
    assert not tap.failed, tap.text


BREAKAGES = re.findall(
    r"^-- (\w+): (.+)\n((?:(?!--).+\n)+)", (Path(__file__).parent / "breakages.sql").read_text(), re.MULTILINE
)


@pytest.mark.parametrize(
    ("file", "statement"), [(b[0], b[2]) for b in BREAKAGES], ids=[f"{b[0]}-{b[1]}" for b in BREAKAGES]
)
def test_a_file_notices(file: str, statement: str, migrated: Project) -> None:
    with psycopg.connect(migrated.admin_url, autocommit=True) as connection:
        connection.execute(f"set role postgres; {statement}".encode())
    tap = run(FILES / f"{file}.test.sql", migrated)
    assert tap.failed, tap.text
