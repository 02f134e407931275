"""Which limit is hit: what it may use at most, as whoever runs it has set it."""

import re
from collections.abc import Iterator

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from backend.investigation.kinds import Category, Citation

_CPU, _MEMORY = re.compile(r"\bcpu\b|core|GOMAXPROCS", re.IGNORECASE), re.compile(r"mem|-Xm|heap|RAM", re.IGNORECASE)
_OF: dict[Category, re.Pattern[str]] = {"cpu_throttling": _CPU, "oom": _MEMORY, "memory_pressure": _MEMORY}
_ENGINE = {"cpu_throttling": "CPU limit", "oom": "memory limit", "memory_pressure": "memory limit"}
# What the runtime inside may use is bounded by how it was started; what the engine ends, by the engine's own limit.
_STARTED = "started with"
_CONTAINER = re.compile(r'[{ ,](?:container|container_name)="([^"]+)"')
# How lines about objects begin; those about events begin with a time.
_OF_STATE = re.compile(r"(?:pod|deployment|statefulset|daemonset|replica set|job|cronjob) ")
_AMOUNT = re.compile(r"\b\d[\d.]*(?: (?:[KMGT]i?B|cores)|[KMGT]i|m)\b")
# A store that turns writers away keeps to a limit of its own.
_STORE = re.compile(r"own memory limit|a store that is at its memory limit")
_FULL = 0.9


def ceilings(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """For the statement, with a quote: the limit of what the finding is about."""
    of = _OF.get(finding.category)
    if of is None:
        return
    for limit, cite in [*_of_pods(finding, facts, of), *_of_engine(finding, facts, of)]:
        # What the statement says already, it need not say twice.
        if _is_hit(finding, facts, limit) and not any(one in finding.statement for one in _AMOUNT.findall(limit)):
            yield f"The limit that it runs under: {limit}", cite


def _is_hit(finding: Finding, facts: Facts, limit: str) -> bool:
    """Is it the limit of the process itself? A store keeps to its own, and a machine has what it has."""
    if finding.category != "memory_pressure":
        return True
    if _STORE.search(finding.statement):
        return _STARTED in limit
    quotes = finding.quotes
    return any(m.role == "memory" and m.cite().quote in quotes and (m.share or 0) >= _FULL for m in facts.metrics)


def _of_engine(finding: Finding, facts: Facts, of: re.Pattern[str]) -> Iterator[tuple[str, Citation]]:
    container = facts.target
    if container is None:
        return
    for what in (_ENGINE[finding.category], _STARTED):
        if of.search(container.quotes.get(what, "")):
            yield container.quotes[what], container.cite(what, "the limit")


def _of_pods(finding: Finding, facts: Facts, of: re.Pattern[str]) -> Iterator[tuple[str, Citation]]:
    """Of the containers that the finding's measurements name; of all, where they name none."""
    told = [one for one in facts.platform.get("ceilings", []) if of.search(one["said"])]
    named = {name for c in finding.supporting for name in _CONTAINER.findall(c.quote)}
    named |= {alert.labels["container"] for alert in facts.case.alerts if alert.labels.get("container")}
    meant = sorted(told, key=lambda one: (one["container"] not in named, not one["runs"]))
    for one in meant[:1]:
        if cite := cited(one["line"], facts, "the limit"):
            yield one["line"], cite


def cited(line: str, facts: Facts, note: str) -> Citation | None:
    """A line of the cluster's state that is no sign, as a quote of the same evidence as its signs."""
    label = next((s.evidence for s in facts.signs if s.source == "kubernetes" and _OF_STATE.match(s.quote)), None)
    return Citation(evidence=label, quote=line[:400], note=note) if label else None
