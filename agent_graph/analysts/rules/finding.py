"""What a signature gives when it matches."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from agent_graph.analysts.rules.facts import Facts
from backend.investigation.kinds import Category, Citation

# proof: the platform itself says so. strong: the trouble in its own words, fitting the state. weak: a hint.
Strength = Literal["proof", "strong", "weak"]


@dataclass(frozen=True)
class Finding:
    """One explanation and what speaks for and against it. The first supporting citation is the decisive one.

    `explains`: what would be its symptoms. `onset`: when it first showed.
    `last_words`: a process that ended said it as it went. `rooted`: what is wrong was seen, not only what it does.
    `used`: only that more of something is used than before; whatever says what uses it is nearer to the cause.
    """

    category: Category
    statement: str
    supporting: list[Citation]
    strength: Strength
    onset: datetime | None = None
    contradicting: list[Citation] = field(default_factory=list[Citation])
    disproof: str = ""
    explains: frozenset[Category] = frozenset()
    last_words: bool = False
    rooted: bool = False
    used: bool = False


@dataclass(frozen=True)
class Signature:
    """A known way to fail: what it needs to see, and what it is mistaken for."""

    category: Category
    needs: str
    mistaken_for: tuple[Category, ...]
    match: Callable[[Facts], Finding | None]
