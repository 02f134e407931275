"""Where the embedded database keeps its files: private, reachable by the account that runs it, else a sentence."""

import json
import os
import shutil
import stat
import subprocess
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest

from backend.embedded import bootstrap, cluster, postgres
from backend.embedded.cluster import DatabaseFiles
from backend.embedded.install import wheel_installs
from backend.errors import Unavailable
from tests.support.server import FAST, short_folder

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: only root lends the database an account")
not_root = pytest.mark.skipif(os.geteuid() == 0, reason="root may do everything")


@pytest.fixture
def folder() -> Generator[Path]:
    with short_folder() as folder:
        yield folder


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """Where root's databases go when their data directory cannot be reached."""
    with short_folder() as folder:
        monkeypatch.setattr(cluster, "OUTSIDE", folder / "outside")
        yield folder / "outside"


def answers(place: cluster.Cluster) -> bool:
    with postgres.running(place, settings=FAST):
        bootstrap.bootstrap_embedded(place)
        with psycopg.connect(place.url()) as connection:
            return connection.execute("select 1").fetchone() == (1,)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_files_are_private_and_passwords_random(folder: Path):
    place = cluster.prepare(folder / "data", sync=False)

    assert mode(place.pgdata) == 0o700
    assert mode(place.socket_dir) == 0o700
    assert mode(folder / "data" / "postgres.json") == 0o600
    assert mode(folder / "data") & 0o007 == 0
    passwords = json.loads((folder / "data" / "postgres.json").read_text())
    assert set(passwords) == {"supabase_admin", "postgres"}
    assert len({*passwords.values()}) == 2
    assert answers(place)


def test_a_connection_needs_the_password(folder: Path):
    place = cluster.prepare(folder, sync=False)
    wrong = place.url(cluster.ADMIN).replace(place.passwords[cluster.ADMIN], "wrong")
    with (
        postgres.running(place, settings=FAST),
        pytest.raises(psycopg.OperationalError, match="password authentication"),
    ):
        psycopg.connect(wrong)


def test_the_second_start_finds_what_the_first_one_made(folder: Path):
    first = cluster.prepare(folder, sync=False)
    assert cluster.prepare(folder, sync=False) == first
    assert cluster.existing(folder) == first


def test_the_data_directory_can_be_moved(folder: Path):
    answers(cluster.prepare(folder / "here", sync=False))
    (folder / "here").rename(folder / "there")
    assert answers(cluster.prepare(folder / "there", sync=False))


def test_an_initdb_that_was_cut_off_is_done_again(folder: Path):
    place = cluster.prepare(folder, sync=False)
    shutil.rmtree(place.pgdata)
    (place.pgdata.parent / "data.new").mkdir()
    (place.pgdata.parent / "data.new" / "PG_VERSION").write_text("18\n")
    assert answers(cluster.prepare(folder, sync=False))


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(folder: Path):
    place = cluster.prepare(folder / ("long" * 30), sync=False)
    assert len(str(place.socket_dir / ".s.PGSQL.5432")) < 104
    assert mode(place.socket_dir) == 0o700
    assert answers(place)
    place.socket_dir.rmdir()


def test_somebody_elses_socket_folder_is_refused(folder: Path):
    place = cluster.prepare(folder, sync=False)
    place.socket_dir.chmod(0o755)
    with pytest.raises(DatabaseFiles, match="must be a folder that only uid"):
        cluster.prepare(folder, sync=False)


def test_another_major_version_is_refused_with_a_sentence(folder: Path):
    place = cluster.prepare(folder, sync=False)
    (place.pgdata / "PG_VERSION").write_text("14\n")
    with pytest.raises(Unavailable, match=r"made by PostgreSQL 14, but this installation has 18, 16\. Install"):
        cluster.prepare(folder, sync=False)


def test_lost_passwords_are_named(folder: Path):
    cluster.prepare(folder, sync=False)
    (folder / "postgres.json").unlink()
    with pytest.raises(DatabaseFiles, match=r"postgres\.json is missing"):
        cluster.prepare(folder, sync=False)


def test_a_full_disk_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cluster, "NEEDED_BYTES", 10**18)
    with pytest.raises(DatabaseFiles, match="MB left; the database needs"):
        cluster.prepare(folder, sync=False)


def test_a_place_that_is_no_folder_is_named(folder: Path):
    (folder / "file").write_text("")
    with pytest.raises(DatabaseFiles, match=r"file.*: Not a directory. Choose another place with --data-dir"):
        cluster.prepare(folder / "file" / "data", sync=False)


@not_root
def test_a_folder_that_cannot_be_written_is_named(folder: Path):
    (folder / "closed").mkdir(mode=0o500)
    with pytest.raises(DatabaseFiles, match="Permission denied"):
        cluster.prepare(folder / "closed" / "data", sync=False)


@only_root
def test_root_runs_the_server_as_somebody_else(folder: Path):
    place = cluster.prepare(folder, sync=False)
    assert place.account.uid != 0
    with postgres.running(place, settings=FAST) as server:
        status = Path(f"/proc/{server.pid}/status").read_text()
    assert f"Uid:\t{place.account.uid}\t" in status
    assert "Groups:\t \n" in status


@only_root
def test_a_private_data_directory_is_opened_to_that_account_only(folder: Path, outside: Path):
    folder.chmod(0o700)
    place = cluster.prepare(folder, sync=False)
    assert place.pgdata == folder / "postgres" / "data"
    assert mode(folder) == 0o710
    assert not outside.exists()


@only_root
def test_a_data_directory_below_a_closed_folder_keeps_its_database_outside(folder: Path, outside: Path):
    closed = folder / "root"
    closed.mkdir(mode=0o700)

    place = cluster.prepare(closed / "data", sync=False)

    assert place.pgdata.is_relative_to(outside)
    assert mode(closed) == 0o700
    assert answers(place)
    again = cluster.prepare(closed / "data", sync=False)
    assert again.pgdata.resolve() == place.pgdata.resolve()
    assert cluster.existing(closed / "data") is not None


@only_root
def test_programs_below_a_closed_folder_are_copied_to_where_they_run(folder: Path, outside: Path):
    closed = folder / "root"
    closed.mkdir(mode=0o700)
    hidden = wheel_installs()[0].copy(closed)

    place = cluster.prepare(folder / "data", installs=[hidden], sync=False)

    assert place.install.bin.is_relative_to(folder / "data" / "postgres")
    assert answers(place)
    assert cluster.prepare(folder / "data", installs=[hidden], sync=False).install == place.install


def test_what_initdb_says_becomes_a_sentence():
    full = "initdb: error: could not write file: No space left on device"
    denied = "initdb: error: could not create directory: Permission denied\ninitdb: hint"
    assert cluster.sentence(full) == "the disk is full. Free some space and start again."
    assert cluster.sentence(denied).startswith("initdb: error: could not create directory: Permission denied. Give")
    assert cluster.sentence("LOG: x\nFATAL:  y\n") == "FATAL:  y"


def test_postgres_does_not_see_our_secrets(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    with postgres.running(cluster.prepare(folder, sync=False), settings=FAST) as server:
        read = subprocess.run(["cat", f"/proc/{server.pid}/environ"], capture_output=True, check=True)
    assert b"sk-secret" not in read.stdout
