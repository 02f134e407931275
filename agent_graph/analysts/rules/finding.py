"""What a signature gives when it matches."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from agent_graph.analysts.rules.facts import Facts, LogLine, quoted
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

    @property
    def quotes(self) -> set[str]:
        """What it rests on, word for word."""
        return {citation.quote for citation in self.supporting}

    @property
    def told(self) -> str:
        """What it says and quotes, as one text to look for names in."""
        return " ".join([self.statement, *(citation.quote for citation in self.supporting)])

    def cited(self, lines: Iterable[LogLine]) -> list[LogLine]:
        """Those of the lines that it rests on."""
        return quoted(lines, self.supporting)

    def supported(self, also: Iterable[Citation], *, after: int) -> list[Citation]:
        """What supports it, with more of that after the first few: what is shown of a finding is what stands first."""
        return [*self.supporting[:after], *also, *self.supporting[after:]]


def distinct(citations: Sequence[Citation]) -> list[Citation]:
    """Each quote once, where it first stands."""
    first: dict[tuple[str, str], Citation] = {}
    for citation in citations:
        first.setdefault((citation.evidence, citation.quote), citation)
    return list(first.values())


@dataclass(frozen=True)
class Signature:
    """A known way to fail. `needs`: what it is known by. `mistaken_for`: what it is easily taken for, or those for it.

    Both are told with the ranking, for whoever checks it.
    """

    category: Category
    needs: str
    mistaken_for: tuple[Category, ...]
    match: Callable[[Facts], Finding | None]
