"""Folders and files that the account may not read: each command says which, and what to do; never a traceback."""

import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

from backend.settings import BadSettings, load_settings
from tests.support.nobody import IS_ROOT, ordinary_account, ordinary_python
from tests.support.server import short_folder


@pytest.fixture(scope="module")
def closed() -> Generator[Path]:
    """A folder that an ordinary account may not enter."""
    with short_folder() as folder:
        made = folder / "closed"
        made.mkdir(mode=0o000)
        yield made
        made.chmod(0o700)


@pytest.fixture(scope="module")
def python() -> str:
    found = ordinary_python()
    if found is None:
        pytest.skip("there is no Python that an ordinary account may run")
    return found


def nightdesk(python: str, *arguments: str, cwd: Path = Path("/")) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-m", "backend.cli", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=cwd,
        **ordinary_account(),
    )


def said(refused: subprocess.CompletedProcess[str]) -> str:
    """The one sentence of a command that could not do anything."""
    assert (refused.returncode, refused.stdout) == (1, "")
    (line,) = refused.stderr.splitlines()
    return line


@pytest.mark.parametrize(
    ("command", "folder"),
    [
        ("up", "data"),
        ("up", ""),
        ("user list", ""),
        ("migrate", "data"),
        ("drill --approve", ""),
        ("api", "data"),
        ("worker checks", ""),
    ],
)
def test_a_data_directory_of_somebody_else(closed: Path, python: str, command: str, folder: str):
    line = said(nightdesk(python, *command.split(), "--data-dir", str(closed / folder)))
    assert line.startswith(f"nightdesk: {closed}")
    assert "Permission denied. " in line
    assert "--data-dir" in line


def test_the_doctor_finds_it_and_goes_on(closed: Path, python: str):
    found = nightdesk(python, "doctor", "--data-dir", str(closed))
    assert (found.returncode, found.stderr) == (1, "")
    assert f"FAILED    data directory  {closed} cannot be written by this account" in found.stdout
    assert "prometheus" in found.stdout


@pytest.mark.skipif(not IS_ROOT, reason="needs root, to begin in a folder that the command may not read")
@pytest.mark.parametrize("command", ["up", "doctor", "user list"])
def test_a_working_directory_of_somebody_else(closed: Path, python: str, command: str):
    line = said(nightdesk(python, *command.split(), cwd=closed))
    assert line.startswith("nightdesk: nightdesk.toml: Permission denied. ")
    assert line.endswith("or work in another folder.")


def test_settings_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for content in (b"port = \n", b"\xff\xfe"):
        (tmp_path / "mine.toml").write_bytes(content)
        monkeypatch.setenv("NIGHTDESK_CONFIG", str(tmp_path / "mine.toml"))
        with pytest.raises(BadSettings, match=r"mine\.toml: .*Settings are read from it"):
            load_settings()


def test_a_settings_file_that_was_named_and_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NIGHTDESK_CONFIG", str(tmp_path / "mien.toml"))
    with pytest.raises(BadSettings, match=r"mien\.toml: No such file or directory\. Settings are read from it"):
        load_settings()
    monkeypatch.setenv("NIGHTDESK_CONFIG", "")
    assert load_settings()
