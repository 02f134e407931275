"""Every runner is of a kind in the catalogue, in exactly one file; a kind without one can only be advice."""

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


def test_every_runner_carries_out_exactly_one_kind_of_the_catalogue():
    kinds = [kind for file in _files() for kind in file.RUNNERS]
    assert sorted(kinds) == sorted(set(kinds))
    assert set(kinds) == set(RUNNERS) <= set(CATALOGUE)


def test_a_kind_without_idempotence_says_how_it_cannot_be_undone():
    assert all(kind.inverse and kind.verify_plan and kind.title for kind in CATALOGUE.values())
