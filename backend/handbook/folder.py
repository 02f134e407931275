"""Collects runbooks from a folder, a Git checkout for example: its Markdown files, and why others were left out."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from backend.errors import Invalid
from backend.handbook.markdown import MAX_FILE_BYTES

MAX_FILES = 2_000
_ENDINGS = (".md", ".markdown")
# What every checkout has, and nobody means as a runbook unless its front matter says so.
_ABOUT_THE_FOLDER = ("readme", "contributing", "changelog", "license", "code_of_conduct", "security", "index")


class NoSuchFolder(Invalid):
    """There is no folder of that name that can be read."""

    code = "no_such_folder"


class TooManyFiles(Invalid):
    """There are too many Markdown files in this folder. Import a folder further down."""

    code = "too_many_files"


@dataclass(frozen=True)
class Collected:
    """`files`: path in the folder and content. `skipped`: path → why."""

    files: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])
    skipped: dict[str, str] = field(default_factory=dict[str, str])


def collect(root: Path) -> Collected:
    """Everything that may be a runbook. Links are not followed: they may lead anywhere.

    Raises NoSuchFolder, TooManyFiles.
    """
    if not root.is_dir():
        raise NoSuchFolder(f"{root} is not a folder.")
    found = Collected()
    for path in _markdown(root):
        name = path.relative_to(root).as_posix()
        why = _take(path, name, found.files)
        if why is not None:
            found.skipped[name.encode("utf-8", "replace").decode()] = why
        if len(found.files) > MAX_FILES:
            raise TooManyFiles(f"There are more than {MAX_FILES:,} Markdown files in {root}.")
    return found


def _markdown(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        # .git and its like; and the order must not depend on the file system.
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        yield from (Path(folder, name) for name in sorted(names) if name.lower().endswith(_ENDINGS))


def _take(path: Path, name: str, files: list[tuple[str, bytes]]) -> str | None:
    """Why it was left out; None: it is in `files`."""
    if path.is_symlink():
        return "It is a link."
    try:
        if not path.is_file():
            return "It is not a file."
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        return f"It cannot be read: {error.strerror or type(error).__name__}."
    if path.stem.lower() in _ABOUT_THE_FOLDER and not raw.lstrip(b"\xef\xbb\xbf").startswith(b"---"):
        return "It is about the folder. With front matter it would be taken for a runbook."
    try:
        name.encode()
    except UnicodeEncodeError:
        return "Its name is not text in UTF-8."
    files.append((name, raw))
    return None
