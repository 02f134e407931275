"""Which runbook fits an incident, and what an import may do to one. Pure."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, TypeVar

# Below this a runbook has too little to do with it to be read at 3 a.m.
SHOWN = 0.3
# Of ts_rank, a mean over the words asked for: from here on it is about them. One shared word of many stays below.
TELLING = 0.2


@dataclass(frozen=True)
class Situation:
    """What is known of an incident. `platform`: docker, kubernetes, postgres, or none that is known."""

    category: str | None
    target: str
    namespace: str | None
    platform: str | None
    actions: frozenset[str]
    text: str


@dataclass(frozen=True)
class Purpose:
    """What a runbook says it is for, and how much its text has of the incident's words: ts_rank, from 0 to 1."""

    categories: Collection[str]
    targets: Collection[str]
    actions: Collection[str]
    words: float


@dataclass(frozen=True)
class Fit:
    """How well a runbook fits, from 0 to 1, and why. `by_words`: nothing but words of the text speaks for it."""

    score: float
    reasons: list[str]
    by_words: bool = False


def fit(purpose: Purpose, situation: Situation) -> Fit:
    """Category and target decide; a runbook for other targets or another platform steps back."""
    score, reasons = 0.0, list[str]()
    # A glob for everything names nothing, and bars nothing.
    named = [glob for glob in purpose.targets if set(glob) - set("*/")]
    glob = next((glob for glob in named if matches(glob, situation)), None)
    if glob is None and named and len(named) == len(purpose.targets):
        return Fit(0.0, [])
    if situation.category in purpose.categories:
        score += 0.5
        unknown = situation.category == "unknown"
        reasons.append("for an unknown cause" if unknown else f"for {str(situation.category).replace('_', ' ')}")
    if glob is not None:
        score += 0.3
        reasons.append(f"for targets like {glob}" if set("*?[") & set(glob) else f"for {glob}")
    platforms = {kind.split(".")[0] for kind in purpose.actions} - {"runbook"}
    if situation.platform and situation.platform in platforms:
        score += 0.1
        reasons.append(f"about {situation.platform}")
    elif situation.platform and platforms:
        score -= 0.25
    shared = sorted(situation.actions & set(purpose.actions))
    if shared:
        score += 0.1
        reasons.append(f"describes {shared[0]}")
    # Who names neither a category nor a target is found by the words alone.
    by_words = not (purpose.categories or named)
    if purpose.words >= TELLING:
        score += SHOWN if by_words else 0.1
        reasons.append("its text has words of the incident")
    return Fit(round(min(1.0, max(0.0, score)), 2), reasons, by_words)


Found = TypeVar("Found")


def chosen(found: Iterable[Found], fit_of: Callable[[Found], Fit], most: int) -> list[Found]:
    """Those to show, in the order given: first what says that it is for this, then at most one found by words alone."""
    shown = [one for one in found if fit_of(one).score >= SHOWN]
    meant = [one for one in shown if not fit_of(one).by_words]
    by_words = [one for one in shown if fit_of(one).by_words]
    return [*meant, *by_words[:1]][:most]


def matches(glob: str, situation: Situation) -> bool:
    """Does the glob name the target, alone or behind its namespace?"""
    names = (
        [situation.target, f"{situation.namespace}/{situation.target}"] if situation.namespace else [situation.target]
    )
    return any(fnmatchcase(name.lower(), glob.lower()) for name in names)


@dataclass(frozen=True)
class Known:
    """What is there already under a file's path or slug."""

    path: str | None
    sha256: str | None
    edited_since: bool


@dataclass(frozen=True)
class Skip:
    """Why a file is left out."""

    why: str


EDITED = Skip("It was edited here since the last import. Put the edit into the file and delete the runbook here first.")


def imports(path: str, sha256: str, known: Known | None) -> Literal["create", "update", "unchanged"] | Skip:
    """What an import does with a file. What a person wrote here is never written over."""
    if known is None:
        return "create"
    if known.path != path:
        where = f"imported from {known.path}" if known.path else "written here"
        return Skip(f"There is a runbook with this slug already, {where}.")
    if known.sha256 == sha256:
        return "unchanged"
    return EDITED if known.edited_since else "update"
