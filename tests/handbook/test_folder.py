"""Runbooks from a folder: what is taken, what is left out and why, and the command that does it again and again."""

import json
import os
from collections.abc import Generator
from pathlib import Path

import pytest

from backend.handbook import folder
from backend.handbook.markdown import MAX_FILE_BYTES
from tests.support.server import short_folder
from tests.test_commands import nightdesk


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A Git checkout with what one finds in them."""
    files = {
        "shop/oom.md": "---\ntitle: Shop out of memory\ncategories: [oom]\ntargets: [shop-*]\n---\nRestart it.",
        "shop/broken.md": "---\ntitle: [\n---\n",
        "README.md": "# Our runbooks\n\nHow to write them.",
        "index.md": "---\ntitle: Where to begin\n---\nHere.",
        ".git/description.md": "# not this",
        "node_modules/a/b.md": "# nor this",
        "notes.txt": "nor this",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "picture.md").write_bytes(b"\x89PNG\r\n\x1a\n\xff")
    (tmp_path / "huge.md").write_bytes(b"# x\n" + b"y" * (MAX_FILE_BYTES + 10))
    (tmp_path / "passwd.md").symlink_to("/etc/passwd")
    (tmp_path / "loop").symlink_to(tmp_path)
    return tmp_path


def test_markdown_is_taken_and_nothing_that_leads_elsewhere(checkout: Path):
    found = folder.collect(checkout)
    assert [name for name, _ in found.files] == ["huge.md", "index.md", "picture.md", "shop/broken.md", "shop/oom.md"]
    assert set(found.skipped) == {"README.md", "passwd.md"}
    assert "link" in found.skipped["passwd.md"]
    assert all(len(raw) <= MAX_FILE_BYTES + 1 for _, raw in found.files)


def test_a_folder_that_is_none_is_refused_with_its_name(tmp_path: Path):
    with pytest.raises(folder.NoSuchFolder, match="nowhere is not a folder"):
        folder.collect(tmp_path / "nowhere")


def test_a_name_that_is_no_text_is_left_out(tmp_path: Path):
    (tmp_path / os.fsdecode(b"gr\xfcn.md")).write_text("# x\n\ny")
    found = folder.collect(tmp_path)
    assert found.files == []
    assert list(found.skipped.values()) == ["Its name is not text in UTF-8."]


@pytest.fixture
def made() -> Generator[str]:
    """An installation that is there, and does not run."""
    with short_folder() as place:
        assert nightdesk("migrate", "--data-dir", str(place / "data")).returncode == 0
        yield str(place / "data")


def test_the_command_imports_again_and_again_and_says_what_it_left_out(checkout: Path, made: str):
    def imported(*options: str) -> str:
        done = nightdesk("runbook", "import", str(checkout), "--data-dir", made, *options)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert imported("--dry-run").endswith(
        "2 created, 0 updated, 0 unchanged, 5 skipped.\nA dry run: nothing was changed.\n"
    )
    first = json.loads(imported("--json"))
    assert first["created"] == ["index.md", "shop/oom.md"]
    why = {skipped["path"]: skipped["why"] for skipped in first["skipped"]}
    assert set(why) == {"README.md", "huge.md", "passwd.md", "picture.md", "shop/broken.md"}
    assert "UTF-8" in why["picture.md"]
    assert "YAML" in why["shop/broken.md"]
    (checkout / "shop/oom.md").write_text("---\ntitle: The shop and its memory\n---\nStart it.")
    again = imported()
    assert "updated  shop/oom.md" in again
    assert again.endswith("0 created, 1 updated, 1 unchanged, 5 skipped.\n")

    nobody = nightdesk("runbook", "import", str(checkout), "--team", "nobody", "--data-dir", made)
    assert (nobody.returncode, "no team 'nobody'" in nobody.stderr) == (1, True)
