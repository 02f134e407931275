"""The wheel holds everything the product needs: it runs where there is no checkout."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest

from tests.real import REQUIRED
from tests.supabase.conftest import free_port
from tests.support.server import short_folder

ROOT = Path(__file__).parents[2]
SOURCES = ("backend", "agent_graph", "actions", "checks", "supabase/migrations", "supabase/embedded", "frontend/dist")
STARTS_WITHIN = 60


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as the Dockerfile does it, from a copy: setuptools leaves folders behind."""
    if not (ROOT / "frontend" / "dist" / "index.html").exists():
        reason = "needs the built UI: make install"
        pytest.fail(reason) if REQUIRED else pytest.skip(reason)
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for file in ("pyproject.toml", "setup.py", "README.md"):
        shutil.copy(ROOT / file, source)
    for folder in SOURCES:
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(out), "."]
    built = subprocess.run(command, cwd=source, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    (file,) = out.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Generator[Path]:
    """The wheel unpacked where also an unprivileged database account can read it."""
    with short_folder() as folder:
        target = folder / "site-packages"
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(target)
        target.chmod(0o755)
        yield target


def names(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def test_it_holds_every_sql_file_and_the_ui(wheel: Path) -> None:
    held = names(wheel)
    for folder in ("migrations", "embedded"):
        for file in (ROOT / "supabase" / folder).glob("*.sql"):
            assert f"backend/embedded/sql/{folder}/{file.name}" in held
    for file in (ROOT / "frontend" / "dist").rglob("*"):
        if file.is_file():
            assert f"backend/system/dist/{file.relative_to(ROOT / 'frontend' / 'dist')}" in held


def test_it_holds_every_module_and_nothing_of_the_tests(wheel: Path) -> None:
    held = names(wheel)
    for package in ("backend", "agent_graph", "actions", "checks"):
        for file in (ROOT / package).rglob("*.*"):
            if "__pycache__" not in file.parts and file.is_file():
                assert str(file.relative_to(ROOT)) in held
    assert not [name for name in held if name.startswith(("tests/", "supabase/", "frontend/", "deploy/"))]


def test_a_wheel_without_the_ui_is_not_made(tmp_path: Path) -> None:
    for file in ("pyproject.toml", "setup.py", "README.md"):
        shutil.copy(ROOT / file, tmp_path)
    shutil.copytree(ROOT / "supabase", tmp_path / "supabase")
    (tmp_path / "backend").mkdir()
    (tmp_path / "backend" / "__init__.py").touch()
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(tmp_path),
        ".",
    ]
    built = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert built.returncode != 0
    assert "make install" in built.stdout + built.stderr


def test_it_starts_serves_the_ui_and_stops_outside_a_checkout(installed: Path) -> None:
    with short_folder() as folder:
        port = free_port()
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(installed), "NIGHTDESK_LOG_FORMAT": "json"}
        start = "import backend; print(backend.__file__, flush=True); from backend.cli import main; main()"
        command = [sys.executable, "-c", start, "up", "--port", str(port), "--data-dir", str(folder / "data")]
        log = folder / "log"
        with log.open("w") as output:
            running = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
            try:
                url = f"http://127.0.0.1:{port}"
                assert _ready(url, running), log.read_text()
                assert log.read_text().startswith(str(installed)), "the checkout was used"
                page = httpx.get(f"{url}/incidents/1")
                assert page.status_code == 200
                assert '<div id="root"' in page.text
                assert httpx.get(f"{url}/api/config").json()["mode"] == "embedded"
                applied = _migrations(folder / "data", environment, folder)
                assert applied == {file.stem.split("_")[0] for file in (ROOT / "supabase" / "migrations").glob("*.sql")}
            finally:
                running.send_signal(signal.SIGTERM)
                status = running.wait(30)
        assert status == 0, log.read_text()


def _ready(url: str, running: subprocess.Popen[bytes]) -> bool:
    ends = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < ends and running.poll() is None:
        try:
            if httpx.get(f"{url}/healthz", timeout=2).status_code == 200:
                return True
        except httpx.HTTPError:
            time.sleep(0.05)
    return False


def _migrations(data_dir: Path, environment: dict[str, str], folder: Path) -> set[str]:
    ask = (
        "import json, psycopg; from pathlib import Path; from backend.embedded import cluster;"
        f"url = cluster.existing(Path({str(data_dir)!r})).url();"
        "rows = psycopg.connect(url).execute('select version from supabase_migrations.schema_migrations').fetchall();"
        "print(json.dumps([row[0] for row in rows]))"
    )
    done = subprocess.run([sys.executable, "-c", ask], cwd=folder, env=environment, capture_output=True, text=True)
    return set(json.loads(done.stdout))
