"""Time series in plain Python: gaps and NaN left out, where the level changed, what one would say about it."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from agent_graph.wording import moment

# More series are not told apart one by one within the time that a source has.
MOST_PARSED = 2000


@dataclass(frozen=True)
class Series:
    """Points in time order: (unix seconds, finite value)."""

    labels: dict[str, str]
    points: list[tuple[float, float]]

    @property
    def last(self) -> float:
        return self.points[-1][1]


def parse_matrix(answer: Any) -> list[Series]:
    """The series of a query_range answer with at least one finite value, of the first MOST_PARSED.

    Raises KeyError, TypeError, ValueError.
    """
    found: list[Series] = []
    for row in answer["data"]["result"][:MOST_PARSED]:
        points = [(float(at), float(value)) for at, value in row["values"]]
        finite = [(at, value) for at, value in points if math.isfinite(value)]
        if finite:
            found.append(Series({str(k): str(v) for k, v in row["metric"].items()}, finite))
    return found


def thin(series: Series, most: int) -> list[list[float]]:
    """At most about `most` points, the last always among them."""
    stride = max(1, math.ceil(len(series.points) / most))
    kept = series.points[::stride]
    if kept[-1] != series.points[-1]:
        kept.append(series.points[-1])
    return [[at, value] for at, value in kept]


def spaced(series: Series, seconds: float) -> Series:
    """Points at least so far apart, counted back from the last: a counter that is asked more often than it is read
    stands still and leaps.
    """
    kept = [series.points[-1]]
    for point in reversed(series.points):
        if kept[-1][0] - point[0] >= seconds:
            kept.append(point)
    return Series(series.labels, kept[::-1])


def change_at(series: Series) -> float | None:
    """When the level changed most, if it clearly did: the split with the smallest squared error (binary segmentation).

    Clearly: both sides together explain at least 60 % of the variance, and the means differ by a tenth of the larger.
    """
    values = [value for _, value in series.points]
    n = len(values)
    if n < 6:
        return None
    scale = max(abs(v) for v in values) or 1.0
    scaled = [v / scale for v in values]
    total, squares = math.fsum(scaled), math.fsum(v * v for v in scaled)
    whole = squares - total * total / n
    best, split, left, left_squares = whole, 0, 0.0, 0.0
    for i in range(1, n - 1):
        left += scaled[i - 1]
        left_squares += scaled[i - 1] ** 2
        error = (left_squares - left**2 / i) + (squares - left_squares - (total - left) ** 2 / (n - i))
        if i >= 2 and error < best:
            best, split = error, i
    if split == 0 or whole <= 1e-12 or best / whole > 0.4:
        return None
    before, after = math.fsum(scaled[:split]) / split, math.fsum(scaled[split:]) / (n - split)
    return series.points[split][0] if abs(after - before) >= 0.1 * max(abs(before), abs(after)) else None


def describe(series: Series, unit: str, limit: float | None) -> str:
    """One line that can be quoted: first → last value, the highest, the share of the limit, the change."""
    values = [value for _, value in series.points]
    highest = max(values)
    text = f"{_name(series.labels)}: {amount(values[0], unit)} → {amount(values[-1], unit)}"
    text += f", highest {amount(highest, unit)}, lowest {amount(min(values), unit)}"
    if limit:
        text += f", limit {amount(limit, unit)} ({highest / limit:.0%} of it reached)"
    changed = change_at(series)
    if changed is not None:
        text += f", changed at {moment(datetime.fromtimestamp(changed, UTC))}"
    return text


def amount(value: float, unit: str) -> str:
    """A value with its unit, as short as one would say it."""
    if unit == "bytes":
        for suffix, factor in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
            if abs(value) >= factor:
                return f"{value / factor:.1f} {suffix}"
        return f"{value:.0f} B"
    if unit == "ratio":
        return f"{value:.1%}"
    if unit == "seconds" and abs(value) >= 86400:
        return f"{value / 86400:.1f} days"
    number = f"{value:.6g}"
    return f"{number} {unit}" if unit not in ("", "bool", "count") else number


def _name(labels: dict[str, str]) -> str:
    shown = [f'{key}="{labels[key]}"' for key in sorted(labels) if key != "__name__"][:6]
    return f"{labels.get('__name__', '')}{{{', '.join(shown)}}}"
