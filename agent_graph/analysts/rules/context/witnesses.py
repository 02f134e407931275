"""What brought it about, said in the conclusion: what else alerts, what moved first, who ended it, who holds on."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from agent_graph.analysts.rules.context.awaited import awaited
from agent_graph.analysts.rules.context.beforehand import USED_UP, target_of
from agent_graph.analysts.rules.context.beneath import beneath
from agent_graph.analysts.rules.context.beside import beside
from agent_graph.analysts.rules.context.chain import links
from agent_graph.analysts.rules.context.fallen import fallen
from agent_graph.analysts.rules.context.unfinished import unfinished
from agent_graph.analysts.rules.facts import QUOTE_LIMIT, Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import said
from agent_graph.sources.postgres.statistics import STATISTICS
from agent_graph.sources.signs import aliases, belongs
from backend.investigation.kinds import AlertFact, Category, Citation
from backend.redaction.clean import one_line

# What is seen of a trouble from outside: what lies beneath it, a measurement tells.
_SEEN_OUTSIDE: frozenset[Category] = frozenset({"dependency_failure", "network_error", "probe_failure", "app_crash"})
_ENDED: frozenset[Category] = frozenset({"restart_loop", "app_crash"})
# What makes a process late with its answers, and its keeper end it for that.
_ENDED_FOR_A_CHECK: frozenset[Category] = frozenset({*_ENDED, "bad_deploy", "cpu_throttling"})
# What is measured of a service's answers, not of what it stands on.
_ANSWERS = frozenset(("errors", "latency", "up", "probe", "rate_limited", "ready", "restarts", "unavailable"))
_KUBELET = re.compile(r"failed (?:liveness|startup) probe|(?:liveness|startup) probe failed", re.IGNORECASE)
_BEFORE, _SLACK, _CHANGED = timedelta(minutes=30), timedelta(minutes=3), timedelta(minutes=60)
# Who was not heard for so long, and then was, has begun.
_UNHEARD, _FEW_LINES = timedelta(minutes=1), 2
# Who makes room for what is to run, and how clouds call why they do not.
_PROVIDES = re.compile(
    r"scale.?up|provision|node ?claim|node ?(?:group|pool)|launch(?:ing)? (?:instance|node|machine)|create ?fleet"
    r"|autoscal\w+|machine.?(?:set|deployment)|run.?instances",
    re.IGNORECASE,
)
_CODE = re.compile(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+){1,}\b|\bquota|\blimit|capacity", re.ASCII)
_FACTOR = 3.0
_ALERTS = 2
_WORKLOAD = ("pod", "container", "deployment", "statefulset", "daemonset", "horizontalpodautoscaler", "name", "service")
_PLACE = 3


def witnessed(finding: Finding, facts: Facts) -> Finding:
    """The finding with what a reader must know to understand it, unless it says so already."""
    quoted, statement = finding.quotes, finding.statement
    cites: list[Citation] = []
    seen: set[str] = set()
    for told, cite in _told(finding, facts):
        if cite.quote in seen:
            continue
        seen.add(cite.quote)
        known = told.lower() in statement.lower() or (cite.quote in quoted and cite.quote[:40] in statement)
        statement = statement if known else one_line(f"{statement.rstrip('.')}. {told.rstrip('.')}", 1_400) + "."
        cites += [] if cite.quote in quoted else [cite]
    return replace(finding, statement=statement, supporting=finding.supported(cites, after=_PLACE))


def _guessed(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """Statements are slow where the planner has nothing to go by."""
    if finding.category == "slow_query":
        known = [s for s in facts.signs_of("slow_query") if s.subject == STATISTICS]
        yield from ((s.means, s.cite("the planner has no statistics")) for s in known[:1])


def _told(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    yield from beneath(finding, facts)
    yield from links(finding, facts)
    yield from fallen(finding, facts)
    yield from awaited(finding, facts)
    yield from _ended_by(finding, facts)
    yield from unfinished(finding, facts)
    yield from _changed(finding, facts)
    yield from _holding(finding, facts)
    yield from _guessed(finding, facts)
    yield from _not_provided(finding, facts)
    yield from _newcomer(finding, facts)
    yield from _moved_first(finding, facts)
    yield from _also_alerting(facts)
    yield from beside(finding, facts)


def _ended_by(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """A process that its keeper ended for a failed check: which check, and how it failed."""
    signs = [s for s in facts.signs_of("probe_failure") if _KUBELET.search(s.quote)]
    if finding.category not in _ENDED_FOR_A_CHECK or not any("will be restarted" in s.quote for s in signs):
        return
    how = next((s for s in signs if "will be restarted" not in s.quote), signs[0])
    yield f"Its platform ends it for a check: {how.means.partition(': ')[2] or how.means}", how.cite("why it is ended")


def _changed(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """What was changed at the target itself, where the finding names no change."""
    changes = {change.cite().quote for change in facts.changes}
    began = min(finding.onset or facts.case.started_at, facts.case.started_at)
    near = [s for s in facts.signs_of("bad_deploy") if s.at and began - _CHANGED <= s.at <= began + _SLACK]
    if near and finding.category != "bad_deploy" and not changes & finding.quotes:
        last = max(near, key=lambda s: s.at or began)
        yield f"Changed before it: {last.means}", last.cite("changed before it")


def _holding(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """Who keeps what fills a disk: a replica's slot that nobody reads keeps the log for it."""
    held = [s for s in facts.signs_of("replication_lag") if "slot" in s.means]
    if finding.category == "disk_pressure" and held:
        yield f"What keeps the log from being removed: {held[0].means}", held[0].cite("what holds on to the space")


def _not_provided(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """Why there is no more room: what was to make it says why it did not."""
    lines = [line for line in [*facts.around, *facts.lines] if _PROVIDES.search(line.text)]
    bad = [line for line in lines if line.is_bad]
    if finding.category == "scheduling_failure" and bad:
        best = max(bad, key=lambda line: (_CODE.search(line.message) is not None, line.count))
        yield f"No room was made for it: {said(best, 300)}", best.cite("why no room was made")


def _newcomer(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """Whoever began to log shortly before something was used up, and what was changed of it, however long ago."""
    began, since = finding.onset or facts.case.started_at, facts.heard_since
    said_by: dict[str, list[LogLine]] = {}
    for line in sorted((line for line in facts.around if line.at), key=lambda line: line.at or began):
        said_by.setdefault(line.speaker, []).append(line)
    first = [said[0] for speaker, said in said_by.items() if speaker and since and not _as_seldom(said, since)]
    new = [line for line in first if line.at and began - _BEFORE <= line.at <= began + _SLACK]
    new = [line for line in new if since and line.at and line.at - since >= _UNHEARD]
    if finding.category not in USED_UP or not new:
        return
    last = new[-1]
    yield (
        f"{last.speaker} was first heard at {last.at:%H:%M:%S} UTC: {said(last, 200)}",
        last.cite("who began just before"),
    )
    text = last.text.lower()
    named = [c for c in facts.changes if any(word in text for word in target_of(c))]
    if named:
        yield f"Of it was changed before: {said(named[-1], 240)}", named[-1].cite("what was changed of it")


def _as_seldom(lines: Sequence[LogLine], since: datetime) -> bool:
    """Was it silent at first for no longer than it is between what it says? So it was there before."""
    at = [line.at for line in lines if line.at]
    pauses = sorted(later - one for one, later in pairwise(at))
    return len(at) > _FEW_LINES and at[0] - since <= 2 * pauses[len(pauses) // 2]


def _moved_first(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """The measurement of what it stands on that left its level first."""
    began = finding.onset or facts.case.started_at
    moved = [(at, m) for m in facts.metrics if (at := _moved_at(m)) and began - _BEFORE <= at <= began + _SLACK]
    if finding.category not in _SEEN_OUTSIDE or not moved:
        return
    # Points are some apart: what moved within the same of them moved at once, and the most moved tells most.
    earliest = min(at for at, _ in moved)
    first = max((m for at, m in moved if at <= earliest + _SLACK), key=_factor)
    yield f"What moved with it: {one_line(first.line, 240)}", first.cite("what moved first")


def _moved_at(metric: Metric) -> datetime | None:
    rose = metric.role not in _ANSWERS and metric.change_at is not None and _factor(metric) >= _FACTOR
    return metric.change_at if rose else None


def _factor(metric: Metric) -> float:
    """How many times what it was before it changed."""
    changed = metric.change_at or datetime.max.replace(tzinfo=UTC)
    before = [value for at, value in metric.points if at < changed.timestamp()] or [metric.points[0][1]]
    return metric.last / max(sum(before) / len(before), 1e-9)


def _of_target(alert: AlertFact, known: Sequence[str]) -> bool:
    """What else is wrong with the target itself says no more than the first alert."""
    return any(belongs(value, list(known)) for key, value in alert.labels.items() if key in _WORKLOAD)


def _also_alerting(facts: Facts) -> Iterator[tuple[str, Citation]]:
    """Other rules that fire in the same incident: each measures something, and one may measure the cause."""
    alerts, evidence = facts.case.alerts, facts.alert
    if evidence is None or not alerts:
        return
    first = min(alerts, key=lambda alert: alert.starts_at).name
    known = aliases(facts.case)
    others = {
        alert.name: alert
        for alert in alerts
        if alert.status == "firing" and alert.name != first and not _of_target(alert, known)
    }
    for alert in list(others.values())[:_ALERTS]:
        told = (alert.annotations.get("description") or alert.annotations.get("summary") or "").split("\n")[0].strip()
        if told:
            quote = Citation(evidence=evidence.evidence, quote=told[:QUOTE_LIMIT], note=f"{alert.name} fires, too")
            yield f"{alert.name} fires, too: {one_line(told, 200)}", quote
