"""The real Supabase CLI: installed from its lock file on first use, kept quiet, run on a copy of supabase/."""

import fcntl
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.real import REQUIRED

HERE = Path(__file__).parent
SUPABASE = HERE.parents[1] / "supabase"
STAMP = HERE / "node_modules" / ".installed"
# It announces updates and sends statistics unless told otherwise.
QUIET = {"SUPABASE_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1", "SUPABASE_NO_UPDATE_NOTIFIER": "1"}


@dataclass(frozen=True)
class Ran:
    """How a command of the CLI ended."""

    status: int
    output: str


@dataclass(frozen=True)
class Cli:
    """The program, and a folder with a copy of supabase/ where it may leave its own files."""

    program: Path
    workdir: Path

    @property
    def migrations(self) -> Path:
        return self.workdir / "supabase" / "migrations"

    def run(self, *arguments: str, database: str) -> Ran:
        """Runs a command against the database of that URL, without asking."""
        command = [str(self.program), *arguments, f"--remote={database}?sslmode=disable"]
        command += ["--yes", "--workdir", str(self.workdir)]
        environment = {**os.environ, **QUIET, "HOME": str(self.workdir)}
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100
        )
        return Ran(done.returncode, done.stdout + done.stderr)

    def push(self, database: str) -> Ran:
        return self.run("db", "push", database=database)


def installed_cli(workdir: Path) -> Cli:
    """The CLI of package-lock.json. Skips the test when it cannot be had; fails with NIGHTDESK_REQUIRE_REAL=1."""
    reason = _install()
    if reason is not None:
        pytest.fail(reason) if REQUIRED else pytest.skip(reason)
    shutil.copytree(SUPABASE, workdir / "supabase", ignore=shutil.ignore_patterns(".temp", ".branches"))
    return Cli(HERE / "node_modules" / "@supabase" / "cli-linux-x64" / "bin" / "supabase", workdir)


def _install() -> str | None:
    """Installs it once for all test processes. Returns why that was not possible."""
    npm = shutil.which("npm")
    if npm is None:
        return "needs npm for the Supabase CLI: apt install npm"
    lock = HERE / "package-lock.json"
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if STAMP.exists() and STAMP.stat().st_mtime >= lock.stat().st_mtime:
            return None
        command = [npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
        if done.returncode == 0:
            STAMP.touch()
            return None
        return f"the Supabase CLI could not be installed: {done.stderr.strip()[-300:]}"
