"""Every kind of the catalogue has exactly one runner, in exactly one file."""

import importlib
import pkgutil
from types import ModuleType

import actions.runners
from actions.registry import RUNNERS
from backend.action.kinds import CATALOGUE


def _files() -> list[ModuleType]:
    return [
        importlib.import_module(f"actions.runners.{m.name}") for m in pkgutil.iter_modules(actions.runners.__path__)
    ]


def test_every_kind_has_exactly_one_runner():
    kinds = [kind for file in _files() for kind in file.RUNNERS]
    assert sorted(kinds) == sorted(set(kinds))
    assert set(kinds) == set(RUNNERS) == set(CATALOGUE)


def test_a_kind_without_idempotence_says_how_it_cannot_be_undone():
    assert all(kind.inverse and kind.verify_plan and kind.title for kind in CATALOGUE.values())
