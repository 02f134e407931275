"""Learns what recorded cases had in common: `python -m agent_graph.evaluation.learn tests/scenarios`.

What is held back is not learned from. Needs scikit-learn (part of the `dev` extra); what it writes does not.
"""

import asyncio
import hashlib
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from statistics import fmean
from typing import Any

import orjson

from agent_graph.analysts.rules import experience
from agent_graph.analysts.rules.arrival import in_order
from agent_graph.analysts.rules.experience.opinion import MODEL, Experience
from agent_graph.analysts.rules.experience.traits import OF_LINES, tells_of_kind, tells_of_verdict, traits
from agent_graph.analysts.rules.reading import read
from agent_graph.evaluation.notebook import MemoryNotebook
from agent_graph.evaluation.recorded import sources_of
from agent_graph.evaluation.scenario import find, load
from agent_graph.fit import Weights, fitted
from agent_graph.investigator import Investigator
from backend.investigation.kinds import Verdict
from backend.settings import Settings, load_settings

HELD_BACK = "held_back"
# How closely the models follow what is known: which kind of trouble it is hangs on rarer words than whether it is one.
_OF_VERDICTS, _OF_CATEGORIES = 10.0, 60.0
_RAREST, _FOLDS = 3, 5
_ILL: Verdict = "incident"


@dataclass(frozen=True)
class Known:
    """A recorded case: what it is known by and what it was. `category`: empty where it was no incident."""

    name: str
    traits: list[str]
    verdict: str
    category: str


def folders(root: Path) -> list[Path]:
    """The scenarios that may be learned from."""
    return [path for path in find(root) if HELD_BACK not in path.relative_to(root).parts]


def fingerprint(root: Path) -> str:
    """Of what was expected of whom: a model made from others is out of date."""
    known = b"\n".join(path.name.encode() + (path / "expected.yaml").read_bytes() for path in folders(root))
    return hashlib.sha256(known).hexdigest()


async def known_cases(settings: Settings, paths: Sequence[Path]) -> list[Known]:
    """Each investigated as `nightdesk eval` does. Doubtful ones teach nothing."""
    return [one for path in paths if (one := await _known(settings, path)) is not None]


async def _known(settings: Settings, path: Path) -> Known | None:
    scenario = load(path)
    expected, notebook = scenario.expected, MemoryNotebook()
    if expected.doubtful:
        return None
    await Investigator(settings, sources_of(scenario), None).investigate(scenario.case, notebook, None)
    facts = read(scenario.case, in_order(notebook.kept))
    category = expected.category or next(iter(expected.any_of), "") if expected.verdict == _ILL else ""
    return Known(path.name, list(traits(scenario.case, facts)), expected.verdict, str(category))


def learn(known: Sequence[Known]) -> dict[str, Any]:
    """As it is stored."""
    ill = [one for one in known if one.category]
    return {
        "cases": len(known),
        "verdicts": fitted(
            [[*filter(tells_of_verdict, k.traits)] for k in known],
            [k.verdict for k in known],
            _OF_VERDICTS,
            _RAREST,
            _not_by_lines,
        ),
        "categories": fitted(
            [[*filter(tells_of_kind, k.traits)] for k in ill], [k.category for k in ill], _OF_CATEGORIES, _RAREST
        ),
    }


def measured(known: Sequence[Known]) -> tuple[int, int]:
    """How many verdicts are right, and categories of incidents, of cases that were kept away: each fifth in turn."""
    verdicts = categories = 0
    for fold in range(_FOLDS):
        knows = Experience.of(learn([one for place, one in enumerate(known) if place % _FOLDS != fold]))
        for one in known[fold::_FOLDS]:
            verdicts += _likest(knows.verdicts.shares(one.traits)) == one.verdict
            categories += bool(one.category) and _likest(knows.categories.shares(one.traits)) == one.category
    return verdicts, categories


def _likest(shares: dict[str, float]) -> str:
    return max(shares, key=shares.__getitem__, default="")


def _not_by_lines(trait: str, weights: Weights) -> Weights:
    """Lines may speak for trouble, not against it: nobody is to be calmed, or left in doubt, by what somebody writes
    into a log."""
    if not trait.startswith(OF_LINES):
        return weights
    # Whatever speaks more for another verdict speaks for neither.
    together = [verdict for verdict, weight in weights.items() if weight >= weights[_ILL]]
    return {**weights, **dict.fromkeys(together, fmean(weights[verdict] for verdict in together))}


def main() -> int:
    root = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        known = asyncio.run(known_cases(load_settings(data_dir=folder), folders(root)))
    stored = learn(known)
    stored["known"] = fingerprint(root)
    Path(str(files(experience).joinpath(MODEL))).write_bytes(orjson.dumps(stored) + b"\n")
    verdicts, categories = measured(known)
    ill = sum(1 for one in known if one.category)
    print(f"{MODEL}: {len(stored['verdicts']['features']):,} traits of {len(known):,} recorded cases.")
    print(f"Of cases kept away: {verdicts} of {len(known)} verdicts right, {categories} of {ill} categories.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
