"""Series of one meaning, and how their values and their course are judged."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from agent_graph.sources.series import Series
from agent_graph.sources.signs import Weight

# A share beyond this is written in percent.
_PERCENT = 1.5
Bad = Callable[[float], bool]


@dataclass
class Measure:
    """Series of one meaning. `rising_is_bad`: whether its course against its own past says something.

    `bad`: which values are trouble. `category`, `weight`: of what, and how sure. `means`: that, in words.
    `floor`: below it, a rise is nothing that anybody would notice. `falling`: bad where it falls.
    """

    role: str
    unit: str
    series: list[Series]
    limit: float | None = None
    rising_is_bad: bool = False
    category: str = ""
    weight: Weight = "weak"
    bad: Bad | None = None
    means: str = ""
    floor: float = 0.0
    falling: bool = False

    def harm(self, series: Series) -> Series:
        """What of it rises where things get worse: of what succeeds, the share that does not."""
        if not self.falling:
            return series
        whole = 100.0 if max(value for _, value in series.points) > _PERCENT else 1.0
        return Series(series.labels, [(at, max(0.0, 1 - value / whole)) for at, value in series.points])


def zero(value: float) -> bool:
    """Down, not ready, not in use."""
    return value == 0


def above(limit: float) -> Bad:
    """At this much and more."""
    return lambda value: value >= limit


def off(limit: float) -> Bad:
    """Away from zero, whichever way."""
    return lambda value: abs(value) >= limit


def now(series: Series) -> float:
    """What it is at the end; one odd point does not count."""
    last = [value for _, value in series.points[-3:]]
    return last[-1] if len(last) < 3 else median(last)


def throttling(shares: list[Series]) -> list[Measure]:
    """Periods in which the CPU limit held it back: most of them, or many more than before."""
    found: list[Measure] = []
    for one in shares:
        values = [value for _, value in one.points]
        tail, usual = median(values[-max(3, len(values) // 5) :]), median(values[: max(2, len(values) // 4)])
        bad = tail >= 0.5 or (tail >= 0.25 and tail >= 1.5 * usual)
        found.append(
            Measure(
                *("cpu_throttled", "ratio", [one], 1.0),
                bad=above(0.25) if bad else None,
                category="cpu_throttling",
                weight="strong",
            )
        )
    return found
