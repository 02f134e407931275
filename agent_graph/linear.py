"""A linear model over named traits, kept as whole numbers: small, fast to ask, and every answer can be taken apart."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Linear:
    """`weights`: of a trait, how rare it is and what it then adds to which category (by its place in `categories`)."""

    categories: Sequence[str]
    bias: Sequence[float]
    weights: Mapping[str, tuple[float, Sequence[tuple[int, float]]]]

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """As `fit` wrote it down: whole numbers of one part in `scale`."""
        scale = float(stored["scale"])
        weights = {
            trait: (rarity := row[0] / scale, [(row[n], rarity * row[n + 1] / scale) for n in range(1, len(row), 2)])
            for trait, row in stored["features"].items()
        }
        return cls(stored["categories"], [value / scale for value in stored["bias"]], weights)

    def shares(self, traits: Iterable[str]) -> dict[str, float]:
        """How much of all the belief is in each category, 0 to 1; empty where no trait is known."""
        known = [self.weights[t] for t in dict.fromkeys(traits) if t in self.weights]
        if not known:
            return {}
        length = math.sqrt(sum(rarity * rarity for rarity, _ in known))
        added = [0.0] * len(self.bias)
        for _, adds in known:
            for place, weight in adds:
                added[place] += weight
        scores = [bias + more / length for bias, more in zip(self.bias, added, strict=True)]
        highest = max(scores)
        beliefs = [math.exp(score - highest) for score in scores]
        whole = sum(beliefs)
        return {category: belief / whole for category, belief in zip(self.categories, beliefs, strict=True)}

    def speaks_for(self, trait: str, category: str) -> float:
        """How much more it adds to the category than to the one that it helps most of the others."""
        _, adds = self.weights.get(trait, (0.0, ()))
        added = {self.categories[place]: weight for place, weight in adds}
        others = max((added.get(other, 0.0) for other in self.categories if other != category), default=0.0)
        return added.get(category, 0.0) - others
