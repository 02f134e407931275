"""Backup and restore: everything comes back, a failure changes nothing, and nothing is lost by mistake."""

from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest

from backend import instance
from backend.embedded import cluster, postgres
from backend.embedded.backup import BackupFailed, backup, restore
from backend.embedded.connect import serving
from backend.instance import DataDirectoryHeld
from backend.settings import Settings, load_settings
from tests.support.server import short_folder


@pytest.fixture
def folder() -> Generator[Path]:
    with short_folder() as folder:
        yield folder


@pytest.fixture
def used(folder: Path) -> Settings:
    """An installation with one incident in it."""
    settings = load_settings(data_dir=folder / "used")
    run(
        settings,
        "insert into incidents (team_id, title, target, severity) select id, 'it was DNS', 'web', 'high' from teams",
    )
    return settings


def run(settings: Settings, statement: str) -> list[tuple[object, ...]]:
    with serving(settings, new=True) as url, psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def titles(settings: Settings) -> list[object]:
    return [row[0] for row in run(settings, "select title from incidents order by 1")]


def test_a_backup_comes_back_in_another_data_directory(used: Settings, folder: Path):
    size = backup(used, folder / "backup")
    fresh = load_settings(data_dir=folder / "fresh")

    restore(fresh, folder / "backup", replace=False)

    assert size == (folder / "backup").stat().st_size
    assert (folder / "backup").stat().st_mode & 0o777 == 0o600
    assert titles(fresh) == ["it was DNS"]
    assert run(
        fresh, "select rolname from pg_roles r join pg_class c on c.relowner = r.oid where relname = 'incidents'"
    ) == [("postgres",)]
    # It is a working database: row-level security, the queue and the triggers are there, too.
    run(fresh, "insert into incidents (team_id, title, target, severity) select id, 'again', 'web', 'low' from teams")
    assert titles(fresh) == ["again", "it was DNS"]


def test_a_backup_works_while_nightdesk_runs(used: Settings, folder: Path):
    place = cluster.prepare(used.data_dir)
    with instance.held(used.data_dir), postgres.running(place):
        instance.Instance(0, "http://127.0.0.1:1", "").write(used.data_dir)
        backup(used, folder / "backup")
    instance.forget(used.data_dir)
    restore(load_settings(data_dir=folder / "fresh"), folder / "backup", replace=False)


def test_a_restore_into_a_running_instance_is_refused(used: Settings, folder: Path):
    backup(used, folder / "backup")
    with instance.held(used.data_dir), pytest.raises(DataDirectoryHeld):
        restore(used, folder / "backup", replace=True)


def test_a_restore_over_incidents_needs_to_be_wanted(used: Settings, folder: Path):
    backup(used, folder / "backup")
    run(used, "insert into incidents (team_id, title, target, severity) select id, 'new', 'web', 'low' from teams")

    with pytest.raises(BackupFailed, match=r"has 2 incidents and 0 people, who would be lost"):
        restore(used, folder / "backup", replace=False)
    assert titles(used) == ["it was DNS", "new"]

    restore(used, folder / "backup", replace=True)
    assert titles(used) == ["it was DNS"]


def test_a_broken_file_changes_nothing(used: Settings, folder: Path):
    backup(used, folder / "backup")
    whole = (folder / "backup").read_bytes()
    (folder / "cut").write_bytes(whole[: len(whole) // 2])
    (folder / "text").write_text("not a backup")

    for name in ("cut", "text"):
        with pytest.raises(BackupFailed, match="pg_restore: "):
            restore(used, folder / name, replace=True)

    assert titles(used) == ["it was DNS"]


def test_a_backup_that_cannot_be_written_is_named_and_leaves_nothing(used: Settings, folder: Path):
    with pytest.raises(BackupFailed, match="No such file or directory"):
        backup(used, folder / "nowhere" / "backup")
    assert sorted(path.name for path in folder.iterdir()) == ["used"]
