"""Latencies out of what is counted: quantiles of histogram buckets, means of sums and counts."""

from collections.abc import Mapping, Sequence

from agent_graph.sources.courses import rate
from agent_graph.sources.series import Series

_QUANTILE = 0.95
# Fewer requests in a step say nothing about how long they usually take.
_LEAST = 1e-9


def latencies(by_name: Mapping[str, Sequence[Series]]) -> tuple[list[Series], set[str]]:
    """The 95th percentile (or the mean) per set of labels, and the names that were used up for it."""
    found: list[Series] = []
    used: set[str] = set()
    for name, series in by_name.items():
        stem = name.removesuffix("_bucket")
        if stem != name and all("le" in one.labels for one in series):
            found += _quantiles(stem, series)
            used |= {name, f"{stem}_sum", f"{stem}_count"}
    for name, series in by_name.items():
        stem = name.removesuffix("_sum")
        if stem != name and name not in used and f"{stem}_count" in by_name:
            found += _means(stem, series, by_name[f"{stem}_count"])
            used |= {name, f"{stem}_count"}
    return found, used


def stem_of(name: str) -> str:
    """What a latency was made of: the sum of the waits, or the buckets."""
    for made, of in ((":mean", "_sum"), (":p95", "_bucket")):
        if name.endswith(made):
            return name.removesuffix(made) + of
    return name


def _key(series: Series) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((k, v) for k, v in series.labels.items() if k not in ("le", "__name__")))


def _quantiles(stem: str, series: Sequence[Series]) -> list[Series]:
    groups: dict[tuple[tuple[str, str], ...], dict[float, dict[float, float]]] = {}
    for one in series:
        bound = float(one.labels["le"].replace("+Inf", "inf"))
        groups.setdefault(_key(one), {})[bound] = dict(rate(one).points)
    found: list[Series] = []
    for key, buckets in groups.items():
        bounds = sorted(buckets)
        times = sorted(set.intersection(*(set(points) for points in buckets.values())))
        points = [(at, value) for at in times if (value := _at(bounds, [buckets[b][at] for b in bounds])) is not None]
        if points:
            found.append(Series({"__name__": f"{stem}:p95", **dict(key)}, points))
    return found


def _at(bounds: Sequence[float], counts: Sequence[float]) -> float | None:
    """Linear inside the bucket, as histogram_quantile does it."""
    total = counts[-1]
    if total <= _LEAST or len(bounds) < 2:
        return None
    rank, below, start = _QUANTILE * total, 0.0, 0.0
    for bound, count in zip(bounds, counts, strict=True):
        if count >= rank:
            if bound == float("inf"):
                return start
            inside = count - below
            return start + (bound - start) * ((rank - below) / inside if inside else 1.0)
        below, start = count, bound
    return start


def _means(stem: str, sums: Sequence[Series], counts: Sequence[Series]) -> list[Series]:
    below = {_key(one): dict(rate(one).points) for one in counts}
    found: list[Series] = []
    for one in sums:
        calls = below.get(_key(one), {})
        points = [(at, value / calls[at]) for at, value in rate(one).points if calls.get(at)]
        if points:
            found.append(Series({**one.labels, "__name__": f"{stem}:mean"}, points))
    return found
