"""Reads a scenario's files as a stranger's: regular files inside its folder, no larger than they may be, plain YAML."""

import json
import os
import stat
from pathlib import Path
from typing import Any, cast

import yaml

_MOST_BYTES = 100 * 2**20
_MOST_YAML_BYTES = 2**20
# A few save typing; many, each of the one before, are a text of gigabytes.
_MOST_REFERENCES = 10


class BrokenScenario(Exception):
    """The scenario cannot be replayed; the sentence says why."""


class _Plain(yaml.SafeLoader):
    """Values only, and few references among them."""

    references = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):  # pyright: ignore[reportUnknownMemberType]
            self.references += 1
            if self.references > _MOST_REFERENCES:
                raise BrokenScenario(f"the YAML refers to itself more than {_MOST_REFERENCES} times")
        return super().compose_node(parent, index)


class Folder:
    """One scenario. What cannot be read of the evidence is not there; `unreadable` says why."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unreadable: list[str] = []

    def has(self, name: str) -> bool:
        return (self.path / name).exists()

    def read(self, name: str, most: int = _MOST_BYTES) -> bytes:
        """Raises BrokenScenario."""
        path = self.path / name
        try:
            if not path.resolve().is_relative_to(self.path.resolve()):
                raise BrokenScenario(f"{name} leads out of the folder")
            # O_NONBLOCK: opening a named pipe must not wait for its writer.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                found = os.fstat(descriptor)
                if not stat.S_ISREG(found.st_mode):
                    raise BrokenScenario(f"{name} is not a regular file")
                if found.st_size > most:
                    raise BrokenScenario(f"{name} is larger than {most >> 20} MiB")
                return file.read(most)
        except FileNotFoundError:
            raise BrokenScenario(f"there is no {name}") from None
        except (OSError, RuntimeError) as error:
            raise BrokenScenario(f"{name} cannot be read ({type(error).__name__})") from None

    def yaml(self, name: str) -> dict[str, Any]:
        """A mapping. Raises BrokenScenario."""
        try:
            text = self.read(name, _MOST_YAML_BYTES).decode()
            found: Any = yaml.load(text, _Plain)  # noqa: S506 - a SafeLoader
        except (yaml.YAMLError, ValueError, ArithmeticError, RecursionError) as error:
            said = " ".join(str(error).split())[:200]
            raise BrokenScenario(f"{name} is not YAML: {said}") from None
        if not isinstance(found, dict):
            raise BrokenScenario(f"{name} is not a mapping")
        return cast(dict[str, Any], found)

    def json(self, name: str) -> Any:
        """Raises BrokenScenario."""
        try:
            return json.loads(self.read(name).decode("utf-8", "replace"))
        except (ValueError, RecursionError) as error:
            raise BrokenScenario(f"{name} is not JSON: {error}") from None

    def evidence(self, name: str) -> Any:
        """The JSON, or None where there is none that can be read."""
        try:
            return self.json(name) if self.has(name) else None
        except BrokenScenario as broken:
            self.unreadable.append(str(broken))
            return None

    def evidence_in(self, name: str) -> dict[str, Any]:
        """Each JSON file of a folder below, by its path."""
        files = sorted(f"{name}/{file.name}" for file in (self.path / name).glob("*.json"))
        return {file: found for file in files if (found := self.evidence(file)) is not None}

    def lines(self, name: str) -> list[dict[str, Any]] | None:
        """Objects, one a line. A line cut off in the middle is what recordings end with: it is left out."""
        try:
            if not self.has(name):
                return None
            text = self.read(name).decode("utf-8", "replace")
        except BrokenScenario as broken:
            self.unreadable.append(str(broken))
            return None
        rows = [_row(line) for line in text.split("\n")]
        return [row for row in rows if row is not None]


def _row(line: str) -> dict[str, Any] | None:
    try:
        row: Any = json.loads(line) if line.strip() else None
    except (ValueError, RecursionError):
        return None
    return cast(dict[str, Any], row) if isinstance(row, dict) else None
