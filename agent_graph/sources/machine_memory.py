"""How much of a machine's memory is used: what the kernel, or its file system, gives back is not."""

from collections.abc import Mapping, Sequence

from agent_graph.sources.courses import ratio
from agent_graph.sources.measure import Measure
from agent_graph.sources.series import Series

_TOTAL, _AVAILABLE, _FREE = (f"node_memory_Mem{what}_bytes" for what in ("Total", "Available", "Free"))
# The cache of ZFS is no page cache: no count of the kernel's takes it for room, and it is given back all the same.
_ARC = "node_zfs_arc_size"
USED = "node_memory_used_without_cache"
# Files that are kept in memory alone are counted as cache, and cannot be given back.
_KEPT = "node_memory_Shmem_bytes"
_CACHES = (
    *("node_memory_Cached_bytes", "node_memory_Buffers_bytes", "node_memory_SReclaimable_bytes"),
    _ARC,
)


def machine_memory(mine: Mapping[str, Sequence[Series]]) -> list[Measure]:
    """The share that is used, and beside it the share that is cache, where that decides."""
    used: list[Series] = []
    cached: list[Series] = []
    for total in mine.get(_TOTAL, ()):
        room, caches = _room(total, mine)
        if room:
            used.append(_named(USED if caches else _AVAILABLE, _share(room, total, taken=True)))
            most = max(caches, key=lambda s: s.last).labels["__name__"] if caches else ""
            cached += [_named(most, _share(caches, total, taken=False))] if caches else []
    found = [Measure("host_memory", "ratio", sorted(used, key=lambda s: -s.last), 1.0)] if used else []
    return [*found, *([Measure("host_cache", "ratio", cached, 1.0)] if cached else [])]


def _room(total: Series, mine: Mapping[str, Sequence[Series]]) -> tuple[list[Series], list[Series]]:
    """What is there for whoever asks, and which part of it is cache that was not counted as that."""
    available, free = _of(total, mine.get(_AVAILABLE, ())), _of(total, mine.get(_FREE, ()))
    names = (_ARC,) if available else _CACHES
    caches = [one for name in names for one in _of(total, mine.get(name, ()))]
    if caches and not available:
        caches += [_less(one) for one in _of(total, mine.get(_KEPT, ()))]
    return [*(available or free), *caches] if available or (free and caches) else [], caches


def _named(name: str, series: Series) -> Series:
    return Series({**series.labels, "__name__": name}, series.points)


def _less(series: Series) -> Series:
    return Series(series.labels, [(at, -value) for at, value in series.points])


def _of(total: Series, group: Sequence[Series]) -> list[Series]:
    """Of the same machine."""
    shared = [(one, set(one.labels) & set(total.labels) - {"__name__"}) for one in group]
    return [one for one, keys in shared if all(one.labels[key] == total.labels[key] for key in keys)][:1]


def _share(parts: Sequence[Series], total: Series, *, taken: bool) -> Series:
    """All of them together as a share of the whole; `taken`: what they leave of it."""
    sums: dict[float, list[float]] = {}
    for one in parts:
        for at, value in one.points:
            sums.setdefault(at, []).append(value)
    whole = [(at, sum(values)) for at, values in sorted(sums.items()) if len(values) == len(parts)]
    share = ratio(Series(parts[0].labels, whole or [parts[0].points[0]]), total)
    return Series(share.labels, [(at, 1 - value) for at, value in share.points]) if taken else share
