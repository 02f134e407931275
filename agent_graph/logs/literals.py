"""What a text has to contain for a pattern to match it: looked for first, that answers "no" in a twentieth of the time.

The pieces are worked out from the pattern, so that whoever changes a pattern need not know of them.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import product
from typing import Any

# The parser behind `re`. What it knows that is not known here, counts as something that can be anything.
_parser: Any = import_module("re._parser")
# How many texts a piece of a pattern may stand for before it counts as anything.
_MOST = 24
# Shorter pieces are in nearly every line.
_SHORTEST = 2


@dataclass(frozen=True)
class _Part:
    """A part of a pattern. `exact`: all that it matches, in lower case. `needed`: it matches nothing without one."""

    exact: frozenset[str] | None = None
    needed: frozenset[str] | None = None


_ANYTHING = _Part()
_NOTHING = _Part(exact=frozenset({""}))


def may_match(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    """Whether the pattern can be found in a text; "no" is certain, "yes" is to be looked up."""
    pieces = pieces_of(pattern.pattern, pattern.flags)

    def may(text: str) -> bool:
        # Outside ASCII, letters have more than two cases: İ, ſ and K (the Kelvin) match i, s and k.
        if not pieces or not text.isascii():
            return True
        lower = text.lower()
        for piece in pieces:
            if piece in lower:
                return True
        return False

    return may


@cache
def pieces_of(pattern: str, flags: int) -> tuple[str, ...]:
    """In lower case: every ASCII text that the pattern is found in contains one of them. Empty: nothing is known."""
    whole = _sequence(_parser.parse(pattern, flags))
    pieces = _better(whole.needed, whole.exact)
    if pieces is None or min(map(len, pieces)) < _SHORTEST:
        return ()
    return tuple(sorted(p for p in pieces if not any(other in p for other in pieces if other != p)))


def _better(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    """That of longer pieces; of equally long ones, that of fewer."""
    known = [pieces for pieces in (one, other) if pieces]
    return max(known, key=lambda pieces: (min(map(len, pieces)), -len(pieces)), default=None)


def _sequence(parts: Iterable[Any]) -> _Part:
    """One after the other: neighbours of which all is known are one text, and the best of those is needed."""
    needed: frozenset[str] | None = None
    run, whole = frozenset({""}), True
    for kind, given in parts:
        part = _part(str(kind), given)
        joined = _joined(run, part.exact)
        if joined is None:
            needed, whole = _better(_better(needed, run), part.needed), False
            joined = part.exact or frozenset({""})
        run = joined
    return _Part(exact=run) if whole else _Part(needed=_better(needed, run))


def _joined(run: frozenset[str], more: frozenset[str] | None) -> frozenset[str] | None:
    if more is None or len(run) * len(more) > _MOST:
        return None
    return frozenset(before + after for before, after in product(run, more))


def _part(kind: str, given: Any) -> _Part:
    match kind:
        case "LITERAL":
            return _exactly([given])
        case "IN":
            return _one_of(given)
        case "SUBPATTERN":
            return _sequence(given[3])
        case "ATOMIC_GROUP":
            return _sequence(given)
        case "BRANCH":
            return _either([_sequence(branch) for branch in given[1]])
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return _repeated(given[0], given[1], _sequence(given[2]))
        case "AT" | "ASSERT" | "ASSERT_NOT":
            return _NOTHING
        case _:
            return _ANYTHING


def _exactly(codes: Sequence[int]) -> _Part:
    """One of these letters. Outside ASCII there are more than are written, so nothing is known."""
    return _Part(exact=frozenset(chr(code).lower() for code in codes)) if max(codes) < 128 else _ANYTHING


def _one_of(given: Sequence[tuple[Any, Any]]) -> _Part:
    codes: list[int] = []
    for kind, value in given:
        if str(kind) == "LITERAL":
            codes.append(value)
        elif str(kind) == "RANGE" and value[1] - value[0] < _MOST:
            codes += range(value[0], value[1] + 1)
        else:
            return _ANYTHING
    part = _exactly(codes)
    return part if part.exact is not None and len(part.exact) <= _MOST else _ANYTHING


def _either(branches: Sequence[_Part]) -> _Part:
    exact = [branch.exact for branch in branches]
    known = [pieces for pieces in exact if pieces is not None]
    if len(known) == len(branches):
        union = frozenset[str]().union(*known)
        return _Part(exact=union) if len(union) <= _MOST else _Part(needed=_union(known))
    return _Part(needed=_union([_better(branch.needed, branch.exact) for branch in branches]))


def _union(all_of_them: Sequence[frozenset[str] | None]) -> frozenset[str] | None:
    """One piece of each, where each has some."""
    known = [pieces for pieces in all_of_them if pieces is not None]
    return frozenset[str]().union(*known) if len(known) == len(all_of_them) else None


def _repeated(least: int, most: Any, part: _Part) -> _Part:
    if most == 1 and part.exact is not None:
        return _Part(exact=part.exact | {""} if least == 0 else part.exact)
    return _Part(needed=_better(part.needed, part.exact)) if least else _ANYTHING
