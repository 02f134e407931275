"""Full by design: what makes room for the new by dropping the old is always full, and those who use it are served."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from agent_graph.analysts.rules.context.ceilings import cited
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category, Citation

# How Redis and its kin call the ways in which they make room; and stores that always do.
_EVICTION = r"(?:allkeys|volatile)-(?:lru|lfu|random|ttl)"
_EVICTS = re.compile(rf"\b{_EVICTION}\b", re.IGNORECASE)
_ALWAYS = re.compile(
    r"memcached|varnish|squid|innodb_buffer_pool|buffer_?cache|page_?cache|shared_buffers", re.IGNORECASE
)
_FULL = 0.85
# How stores, caches and logs of messages call what they drop when they are full.
_POLICY = re.compile(
    rf"{_EVICTION}|\bevict(?:ion)?[-_]?policy[\"'=: ]+\w+|\b(?:w-?tiny)?lfu\b|\blru\b"
    r"|drop-head|discard=old|discard[-_ ]?old|delete[-_ ]oldest|cleanup\.policy=delete|max_size=\w+"
    r"|retention[-._](?:size|bytes)[\"'=: ]+\w+",
    re.IGNORECASE,
)
# The same, where it refuses the new instead.
_REFUSES = re.compile(r"no-?eviction|reject-publish|discard=new|OOM command not allowed", re.IGNORECASE)
_DROPS = re.compile(
    r"evict|nuked|lru_(?:crawler|maintainer)|removals|expunged|discarded_old|dropped_old", re.IGNORECASE
)
# What has no other way when it is full.
_CACHES = re.compile(
    r"memcached|varnish|squid|nginx_cache|trafficserver|ristretto|caffeine|guava|ehcache", re.IGNORECASE
)
_MISSES = re.compile(r"miss|hit_?ratio|hit_?rate", re.IGNORECASE)
_ABOUT = re.compile(r"memory|maxmemory|evict|cache|full|storage|usage|capacity|limit|heap|disk|bytes", re.IGNORECASE)
_WORSE = 1.5


def full_by_design(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Near its limit, with a way to make room, while nothing fails and nobody complains."""
    full = next((m for m in facts.metrics if m.role == "memory" and (m.share or 0) >= _FULL), None)
    way = next(_ways(facts), None)
    good = [cite for cite in good_signs(facts) if full is None or cite.quote != full.cite().quote]
    if full is None or way is None or not good or trouble_signals(facts):
        return None
    if set(likely) - {"memory_pressure"} or complains(facts):
        return None
    policy = _EVICTS.search(way.quote)
    how = f" ({policy[0]})" if policy else ""
    evicts = next((m.cite("it makes room") for m in facts.metrics if m.role == "evictions" and m.last > 0), None)
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is full by design: it evicts what it has no room for{how}; nobody suffers from it.",
        supporting=[full.cite("full"), way, *([evicts] if evicts else []), *good[:3]],
        strength="strong",
        disproof="Compare its hits and misses with last week's: many more misses would make it too small.",
    )


def _ways(facts: Facts) -> Iterator[Citation]:
    """What says that it makes room by itself."""
    for metric in facts.metrics:
        if _EVICTS.search(metric.line) or _ALWAYS.search(metric.line.split("{")[0]):
            yield metric.cite("how it makes room")
    for line in [*facts.lines, *facts.usual, *facts.changes]:
        if _EVICTS.search(line.text):
            yield line.cite("how it makes room")


def with_design(finding: Finding, facts: Facts) -> Finding:
    """Good news with why it is full, where an alert is about that and it drops the old."""
    told = _design(facts)
    if told is None or all(cite.quote in finding.quotes for cite in told[1]):
        return finding
    statement = f"{finding.statement.rstrip('.')}. {told[0]}."
    return replace(finding, statement=statement, supporting=finding.supported(told[1], after=2))


def _design(facts: Facts) -> tuple[str, list[Citation]] | None:
    """Its policy, and that it drops; none where it refuses, its readers miss more, or the alert is of other things."""
    alerts = facts.case.alerts
    about = [a for a in alerts if _ABOUT.search(f"{a.name} {' '.join(a.annotations.values())}")]
    policy, drops = _policy(facts), _drops(facts)
    refuses = [line for line in [*facts.lines, *facts.around] if _REFUSES.search(line.text)]
    if not about or len(about) < len(alerts) or policy is None or refuses or _miss_more(facts):
        return None
    what, cite = policy
    dropped = f", and it does so ({drops.line[:160]})" if drops is not None else ""
    said = f"It makes room for the new by evicting the old, as it was told to ({what}){dropped}"
    return said, [cite, *([drops.cite("it makes room")] if drops is not None else [])]


def _policy(facts: Facts) -> tuple[str, Citation] | None:
    """What it is told to drop, as its own start, its exporter, its log or a change says."""
    container = facts.target
    started = container.quotes.get("started with", "") if container is not None else ""
    if container is not None and (found := _POLICY.search(started)) and not _REFUSES.search(started):
        return found[0], container.cite("started with", "its policy")
    for metric in facts.metrics:
        if (found := _POLICY.search(metric.line)) and not _REFUSES.search(metric.line) and metric.last > 0:
            return found[0], metric.cite("its policy")
    for line in [*_own(facts), *facts.changes]:
        if found := _POLICY.search(line.message):
            return found[0], line.cite("its policy")
    for one in facts.platform.get("ceilings", []):
        found = _POLICY.search(one["line"])
        cite = cited(one["line"], facts, "its policy")
        if found and cite and not _REFUSES.search(one["line"]):
            return found[0], cite
    drops = _drops(facts)
    if drops is not None and (found := _CACHES.search(drops.name)):
        return f"{found[0].strip('_')} always does", drops.cite("it makes room")
    return None


def _own(facts: Facts) -> list[LogLine]:
    return [line for line in facts.lines if not line.speaker]


def _drops(facts: Facts) -> Metric | None:
    found = [m for m in facts.metrics if _DROPS.search(m.name) and m.highest > 0]
    return max(found, key=lambda m: m.highest, default=None)


def _miss_more(facts: Facts) -> bool:
    """Do readers find less than before?"""
    for metric in facts.metrics:
        called, values = metric.name, [value for _, value in metric.points]
        if not _MISSES.search(called) or len(values) < 4:
            continue
        quarter = max(1, len(values) // 4)
        before, since = sum(values[:quarter]) / quarter, sum(values[-quarter:]) / quarter
        # A ratio of hits falls where misses rise.
        falls = "hit" in called
        if (falls and since * _WORSE < before) or (not falls and since > _WORSE * before):
            return True
    return False
