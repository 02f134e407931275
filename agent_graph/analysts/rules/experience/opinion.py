"""What recorded cases with the same traits turned out to be: what speaks for each verdict, and for which trouble."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from agent_graph.analysts.rules.experience.traits import WRITTEN, tells_of_kind, traits
from agent_graph.analysts.rules.facts import Facts
from agent_graph.linear import Linear
from backend.investigation.kinds import CaseFile, Category, Citation, Verdict

MODEL = "experience.json"


@dataclass(frozen=True)
class Experience:
    """Two models of the same traits. `cases`: of how many recorded ones."""

    verdicts: Linear
    categories: Linear
    cases: int

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Experience":
        return cls(Linear.of(stored["verdicts"]), Linear.of(stored["categories"]), stored["cases"])

    def opinion(self, case: CaseFile, facts: Facts) -> "Opinion | None":
        """None where nothing of it is known."""
        seen = traits(case, facts)
        shares, kinds = self.verdicts.shares(seen), self.categories.shares(seen)
        if not shares or not kinds:
            return None
        known = sum(trait in self.verdicts.weights and tells_of_kind(trait) for trait in seen)
        likest: Any = max(kinds, key=kinds.__getitem__)
        return Opinion(shares, likest, kinds, self.cases, known, seen, self.verdicts)


@dataclass(frozen=True)
class Opinion:
    """`shares`: of the belief, by verdict, together 1. `category`: what it is most like if it is an incident;
    `categories`: the shares of all.

    `known`: how many of its traits recorded cases had, too, without those of how much was seen: some of these every
    case has. An opinion on few is none.
    """

    shares: Mapping[str, float]
    category: Category
    categories: Mapping[str, float]
    cases: int
    known: int
    seen: Mapping[str, Citation | None]
    verdicts: Linear

    @property
    def category_share(self) -> float:
        return self.categories[self.category]

    def share(self, verdict: Verdict) -> float:
        return self.shares.get(verdict, 0.0)

    @property
    def unwritten(self) -> int:
        """How many of its known traits nobody could have put there by writing a note."""
        return sum(not t.startswith(WRITTEN) and tells_of_kind(t) and t in self.verdicts.weights for t in self.seen)

    @property
    def well_unsaid(self) -> float:
        """How much of the belief in good news is left without the words for it, which anybody could have written."""
        well: Verdict = "not_an_incident"
        said = {t for t in self.seen if t.startswith(WRITTEN) and self.verdicts.speaks_for(t, well) > 0}
        return self.verdicts.shares(t for t in self.seen if t not in said).get(well, 0.0)

    def citations(self, verdict: Verdict, most: int) -> list[Citation]:
        """What speaks for the verdict and can be quoted, the weightiest first, each once."""
        weighed: dict[tuple[str, str], tuple[float, Citation]] = {}
        for trait, cite in self.seen.items():
            weight = self.verdicts.speaks_for(trait, verdict)
            if cite is not None and weight > 0:
                so_far = weighed.get((cite.evidence, cite.quote), (0.0, cite))[0]
                weighed[cite.evidence, cite.quote] = (so_far + weight, cite)
        best = sorted(weighed.values(), key=lambda one: -one[0])[:most]
        return [cite.model_copy(update={"note": "as in recorded cases"}) for _, cite in best]


@cache
def learned() -> Experience:
    """What comes with Nightdesk."""
    return Experience.of(orjson.loads(files("agent_graph.analysts.rules.experience").joinpath(MODEL).read_bytes()))
