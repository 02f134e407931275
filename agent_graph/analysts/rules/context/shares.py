"""Who uses most of what is used up: of several measured parts of one whole, the one that has most of its growth.

Logs of containers, directories, databases, queues, prefixes of keys, clients by name: exporters measure them as one
metric with a label that tells them apart.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding
from backend.investigation.kinds import Category, Citation

_STORED = re.compile(r"bytes|size|files|inodes|usage|_used|disk|space|storage|segments|wal\b", re.IGNORECASE)
_HELD = re.compile(
    r"bytes|size|memory|_mem\b|rss|heap|keys|objects|entries|items|messages|buffer|queue|cache|sessions", re.IGNORECASE
)
_BORROWED = re.compile(r"conn|session|activity|backends|clients|pool|open|fds|sockets", re.IGNORECASE)
_OF: dict[Category, re.Pattern[str]] = {
    "disk_pressure": _STORED,
    "memory_pressure": _HELD,
    "oom": _HELD,
    "connection_exhaustion": _BORROWED,
    "rate_limited": re.compile(r"request|calls|hits|queries|messages", re.IGNORECASE),
    # Of what a node has, its process ids are what nobody else counts.
    "node_failure": re.compile(r"\bpids?\b|_pids|process(?:es)?\b|threads|tasks", re.IGNORECASE),
    "quota_exceeded": re.compile(r"quota|used|usage|requests|bytes|count", re.IGNORECASE),
}
_OF_PIDS = re.compile(r"\bpids?\b|PID(?:Pressure|s)|process ids", re.IGNORECASE)
# What is left over, at most allowed, or no amount at all.
_NO_AMOUNT = re.compile(
    r"avail|free|limit|max|capacity|total_size|_size_bytes_max|seconds|duration|latency|ratio|percent|info\b|created|error",
    re.IGNORECASE,
)
# What tells answers, states and kinds of use apart, and not who uses.
_NO_PARTY = re.compile(
    r"code|status|state|type|kind|method|quantile|le|mode|result|outcome|reason|phase|level|severity|device|cpu|core"
    r"|area|gc|pool_state|version|__name__",
    re.IGNORECASE,
)
_COUNT = re.compile(r"num_?procs|num_threads|process(?:es)?(?:_count|_total)?$|procs_?(?:count|running)", re.IGNORECASE)
_MOST, _GROWN, _MULTIPLIED = 0.6, 1.2, 2.0


def shares(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """For the statement, with a quote: the part that grew most, where it is most of what all of them grew."""
    of = _OF.get(finding.category)
    if of is None or (finding.category == "node_failure" and not _OF_PIDS.search(finding.statement)):
        return
    for called, group in groupby(sorted(facts.metrics, key=attrgetter("name")), key=attrgetter("name")):
        parts = list(group)
        if not of.search(called) or _NO_AMOUNT.search(called) or len(parts) < 2:
            continue
        most = _grown_most(parts)
        who = _told_apart(most, parts) if most else ""
        if most and who:
            yield f"Most of it is taken by {who}: {most.line[:300]}", most.cite("it takes most of it")
            yield from _more_of_them(who, facts)


def _more_of_them(who: str, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """Runs that begin before those before them are done: there are ever more of them, and each takes its part."""
    counts = [m for m in facts.metrics if _COUNT.search(m.name) and f'"{who}"' in m.line]
    for metric in counts[:1]:
        first, last = metric.points[0][1], metric.last
        if last >= _MULTIPLIED * max(first, 1.0):
            told = f"There are {last:g} of them, {first:g} at first: new ones begin before the others are done"
            yield told, metric.cite("ever more of them")


def _grown_most(parts: Sequence[Metric]) -> Metric | None:
    grown = {id(one): max(one.last, one.highest) - one.points[0][1] for one in parts}
    most = max(parts, key=lambda one: grown[id(one)])
    total = sum(value for value in grown.values() if value > 0)
    if not grown[id(most)] > _MOST * total > 0:
        return None
    # What has most of the whole already need not have grown by much while somebody looked.
    holds = most.last > _MOST * sum(one.last for one in parts)
    return most if holds or most.highest >= _GROWN * max(most.points[0][1], 1e-9) else None


def _told_apart(most: Metric, parts: Sequence[Metric]) -> str:
    """By what labels it differs from the others: parts of which nobody knows what they are called say nothing."""
    own = most.labels
    others = [one.labels for one in parts if one is not most]
    parties = {key: value for key, value in own.items() if value and not _is_no_party(key)}
    return ", ".join(value for key, value in parties.items() if any(one.get(key) != value for one in others))


def _is_no_party(label: str) -> bool:
    return any(_NO_PARTY.fullmatch(word) for word in (label, label.rsplit("_", 1)[-1]))
