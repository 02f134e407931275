"""Memory that is full of files kept at hand, which the kernel or its file system gives back to whoever needs room."""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from backend.investigation.kinds import Category, Citation

# What counts the cache in, what leaves it out, and the cache itself, as cAdvisor, Telegraf and cgroups call them.
_WHOLE = re.compile(r"mem\w*_(?:usage|used|current)(?:_bytes|_total)?$|memory\.usage", re.IGNORECASE)
_WITHOUT = re.compile(r"mem\w*_working_set|memory\.working_set", re.IGNORECASE)
_OWN = re.compile(r"mem\w*[_.](?:total_)?(?:rss|anon)", re.IGNORECASE)
_CACHE = re.compile(r"mem\w*[_.](?:total_)?(?:page_?)?(?:cache|(?:in)?active_file|file)(?:_bytes)?$", re.IGNORECASE)
# Files in memory alone take room as if they were cache, and cannot be given back.
_KEPT = re.compile(r"shmem|tmpfs|mapped_file", re.IGNORECASE)
_FULL, _ROOM, _NEARLY_ALL = 0.85, 0.8, 0.9
_ARC = "zfs_arc"
_ABOUT = re.compile(r"mem(?:ory|_|\b)|\bram\b", re.IGNORECASE)


def page_cache(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Near its limit with the cache and far from it without, while nothing was killed, fails or is complained of."""
    if set(likely) - {"memory_pressure"} or trouble_signals(facts):
        return None
    left = _of_machine(facts) or _of_container(facts)
    if left is None or _killed(facts) or complains(facts):
        return None
    used, limit, supporting = left
    what = (
        "the cache of ZFS (ARC), which it"
        if any(_ARC in cite.quote for cite in supporting)
        else "page cache, which the kernel"
    )
    return Finding(
        category="healthy",
        statement=f"{name(facts)} has room: what fills its memory is {what} gives back as soon as somebody needs it;"
        f" without that it uses {used.highest / limit:.0%} of its limit.",
        supporting=supporting,
        strength="strong",
        disproof="Watch the working set and kills for memory: near the limit, or any kill, would disprove it.",
    )


def _of_machine(facts: Facts) -> tuple[Metric, float, list[Citation]] | None:
    """A machine that an alert calls full, while it is not without its cache, and puts nothing out of the way."""
    used, cache = facts.metric("host_memory"), facts.metric("host_cache")
    about = all(_ABOUT.search(f"{a.name} {' '.join(a.annotations.values())}") for a in facts.case.alerts)
    swaps = any(metric.role == "swapping" and metric.highest > 0 for metric in facts.metrics)
    if used is None or cache is None or not (facts.case.alerts and about) or swaps:
        return None
    if used.highest > _ROOM or used.last + cache.last < _FULL:
        return None
    return used, 1.0, [used.cite("without the cache"), cache.cite("what can be given back")]


def _of_container(facts: Facts) -> tuple[Metric, float, list[Citation]] | None:
    full = next((m for m in facts.metrics if _WHOLE.search(m.name.partition(":")[0]) and (m.share or 0) >= _FULL), None)
    left = _without_cache(facts, full) if full is not None else None
    if full is None or full.limit is None or left is None:
        return None
    used, cache = left
    also = [cache.cite("what can be given back")] if cache else []
    return used, full.limit, [full.cite("with the cache"), used.cite("without the cache"), *also]


def _without_cache(facts: Facts, full: Metric) -> tuple[Metric, Metric | None] | None:
    """What it uses itself, and the cache; None where that is not measured, or is much, too."""
    limit = full.limit or 0.0
    same = [m for m in facts.metrics if m is not full and m.labels == full.labels]
    if any(_KEPT.search(m.name.partition(":")[0]) and m.highest > (1 - _ROOM) * limit for m in same):
        return None
    cache = next((m for m in same if _CACHE.search(m.name.partition(":")[0])), None)
    working = next((m for m in same if _WITHOUT.search(m.name.partition(":")[0])), None)
    if working is not None:
        return (working, cache) if working.highest <= _ROOM * limit else None
    own = next((m for m in same if _OWN.search(m.name.partition(":")[0])), None)
    if own is None or cache is None or own.highest > _ROOM * limit:
        return None
    return (own, cache) if own.last + cache.last >= _NEARLY_ALL * full.last else None


def _killed(facts: Facts) -> bool:
    counted = any(m.role == "oom_events" and m.highest > min(value for _, value in m.points) for m in facts.metrics)
    return counted or any(one.oom_killed for one in facts.containers) or bool(facts.signs_of("oom"))
