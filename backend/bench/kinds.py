"""What a benchmark says: a figure, what it is compared with, and whether the goal is met."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A number with its unit, and in words what was measured."""

    what: str
    value: float
    unit: str

    def document(self) -> dict[str, Any]:
        return {"what": self.what, "value": round(self.value, 3), "unit": self.unit}


@dataclass(frozen=True)
class Goal:
    """What the design asks for: a limit on the ratio where there is a reference, else on the figure itself."""

    text: str
    at_least: float | None = None
    at_most: float | None = None

    def met(self, value: float) -> bool:
        above = self.at_least is None or value >= self.at_least
        below = self.at_most is None or value <= self.at_most
        return above and below


@dataclass(frozen=True)
class Row:
    """One line of a benchmark. A row without a goal is there to be read."""

    measured: Figure
    reference: Figure | None = None
    goal: Goal | None = None

    @property
    def ratio(self) -> float | None:
        """Measured divided by the reference of the same run."""
        if self.reference is None or self.reference.value == 0:
            return None
        return self.measured.value / self.reference.value

    @property
    def met(self) -> bool | None:
        if self.goal is None:
            return None
        return self.goal.met(self.measured.value if self.ratio is None else self.ratio)

    def document(self) -> dict[str, Any]:
        return {
            "measured": self.measured.document(),
            "reference": self.reference.document() if self.reference else None,
            "ratio": None if self.ratio is None else round(self.ratio, 4),
            "goal": self.goal.text if self.goal else None,
            "met": self.met,
        }


def percentile(values: list[float], percent: float) -> float:
    """The nearest-rank percentile. Of nothing: 0."""
    if not values:
        return 0.0
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * percent // 100))
    return ordered[int(rank) - 1]
