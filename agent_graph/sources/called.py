"""What single series are, by how people call them: breakers, the share that goes well, how many of what takes time."""

import re
from collections.abc import Sequence

from agent_graph.sources.measure import Measure, above
from agent_graph.sources.series import Series

_BREAKER = re.compile(r"circuit_?breaker|circuit_open", re.IGNORECASE)
_OPEN = ("open", "forced_open")
# The share that goes well, as objectives are written.
_SUCCEEDS = re.compile(
    r"(?:success|succeeded|availability|goodput)\w*?[_:](?:ratio|rate|percent|pct|share)|[_:]availability$"
)
# So small a share fails unnoticed.
_FEW = 0.01
# A rule that made a rate of a histogram's count keeps its name.
_HOW_MANY = re.compile(r"_count(?::|$)")


def breakers(name: str, group: Sequence[Series]) -> list[Measure]:
    """Circuit breakers that let nobody through: some have a series per state, some one for being open."""
    if _BREAKER.search(name) is None:
        return []
    states = [series.labels.get("state", "open" if name.endswith("open") else "").lower() for series in group]
    mine = [series for series, state in zip(group, states, strict=True) if state in _OPEN]
    means = "a circuit breaker is open: whom it calls fails"
    return (
        [Measure("breaker", "bool", mine, None, False, "dependency_failure", "weak", above(1), means)] if mine else []
    )


def success(name: str, series: Series) -> Measure | None:
    """The share of all that succeeds, of one or in percent."""
    highest = max(value for _, value in series.points)
    if _SUCCEEDS.search(name) is None or not (0.5 <= highest <= 1 or 50 <= highest <= 100):
        return None
    return Measure("success", "", [series], rising_is_bad=True, floor=_FEW, falling=True)


def is_number(name: str) -> bool:
    """Does it count what takes time, and not how long it takes?"""
    return _HOW_MANY.search(name) is not None
