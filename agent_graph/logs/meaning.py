"""What a log line of any software speaks for, learned from the lines of `known/`: the category, and how sure.

A line that no signature knows by its words still resembles others: "pool limit reached" and "no free connections" share
no phrase with each other, but both do with what hundreds of programs say. A linear model over words, pairs of words and
pieces of words tells; what speaks for an answer can be shown. `python -m agent_graph.logs.learn` makes it anew.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise

import orjson

from agent_graph.linear import Linear
from agent_graph.logs.humps import apart
from agent_graph.logs.lines import parse

# What is no trouble at all, as the known lines are labelled.
BENIGN = "benign"
# So sure, it is right nearly nine times of ten about software it has never seen.
SURE = 0.5
# To overlook a complaint takes more.
_SURE_OF_PEACE = 0.8
MODEL = "meaning.json"
_LONGEST = 600
# A part of a line has less to go by.
_SURE_OF_PART = 0.8
_PARTS = re.compile(r": |; | — |\. |, | \(|\) |\" |\\n")
_PIECE = 4
# Words, and numbers that may be codes (429, 53300, ORA-00020); longer ones are ids or times.
_WORD = re.compile(r"[^\W\d_]{2,}|(?<!\d)\d{3,5}(?!\d)")


@dataclass(frozen=True, slots=True)
class Meaning:
    """`share`: how much of all the belief is in `category`, 0 to 1."""

    category: str
    share: float

    @property
    def sure(self) -> bool:
        return self.share >= SURE and self.category != BENIGN

    @property
    def harmless(self) -> bool:
        return self.share >= _SURE_OF_PEACE and self.category == BENIGN


class Model(Linear):
    """Of what the words of a line say."""

    def read(self, text: str) -> Meaning:
        """The meaning of a line as it was written; where it says too much at once, that of its surest part."""
        whole = self.weigh(text)
        if whole.share >= SURE:
            return whole
        parts = [self.weigh(part) for part in _PARTS.split(text[: 4 * _LONGEST]) if part.strip().count(" ") >= 2]
        best = max((m for m in parts if m.category != BENIGN), key=lambda m: m.share, default=whole)
        return best if best.share >= _SURE_OF_PART else whole

    def weigh(self, text: str) -> Meaning:
        """The meaning of a text as a whole."""
        shares = self.shares(features(text))
        best = max(shares, key=shares.__getitem__, default=BENIGN)
        return Meaning(best, shares.get(best, 0.0))


def features(text: str) -> Iterator[str]:
    """What a line is known by: its words, its pairs of words, and pieces of its longer words."""
    said = parse(text[: 4 * _LONGEST]).message[:_LONGEST]
    words = _WORD.findall(apart(said))
    yield from words
    for one, next_ in pairwise(words):
        yield f"{one} {next_}"
    for word in words:
        framed = f"<{word}>"
        for start in range(len(framed) - _PIECE + 1 if len(framed) > _PIECE else 0):
            yield framed[start : start + _PIECE]


@cache
def learned() -> Model:
    """The model that comes with Nightdesk."""
    return Model.of(orjson.loads(files("agent_graph.logs").joinpath(MODEL).read_bytes()))


@lru_cache(maxsize=4096)
def meaning_of(text: str) -> Meaning:
    """What the line speaks for. Several readers of a case ask about the same lines."""
    return learned().read(text)
