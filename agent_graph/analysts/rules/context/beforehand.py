"""What was done just before it began, and not to the target: whom the finding names, or what brings more load."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median

from agent_graph.analysts.rules.context.fellows import with_fellows
from agent_graph.analysts.rules.context.reasons import reasoned
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import said
from agent_graph.sources.signs import aliases, belongs
from backend.investigation.kinds import Category
from backend.redaction.clean import one_line

_BEFORE, _SLACK = timedelta(minutes=30), timedelta(minutes=2)
# What was done so shortly before to what all share, a reader must know of. A deploy of another service that nothing
# names is there all day long, and says nothing.
_AT_ONCE = timedelta(minutes=5)
_OWN = re.compile(
    r"^(?:\w*deploy\w*|releases?|rollouts?|pipelines?|builds?|packages?|notes?|tickets?|jobs?|batch)\b", re.I
)
_SHARED = re.compile(
    r"network|firewall|\bdns\b|resolv|polic|security|\bmesh|ingress|gateway|load.?balanc|prox(?:y|ies)|bouncer|pooler|broker|certificate|\bca\b"
    r"|\bwaf\b|\bedge\b|\bcdn\b|experiment|flag|toggle|secret|vault|terraform|ansible|puppet|platform|cluster|node|kernel|kubelet|provider|switch|router|vlan",
    re.IGNORECASE,
)
# What is used up is used up by somebody, and often by somebody who has just begun.
USED_UP: frozenset[Category] = frozenset(
    {
        *("connection_exhaustion", "rate_limited", "quota_exceeded", "memory_pressure", "cpu_throttling"),
        *("disk_pressure", "slow_query", "lock_contention", "replication_lag", "scheduling_failure"),
    }
)
_MORE = re.compile(
    r"\bjobs?\b|cron|batch|back-?fill|import|export|extract|bulk|migrat|re-?index|vacuum|backup|restore|replay"
    r"|scal(?:e|ed|ing)\b|replicas|campaign|newsletter|load[- ]?test|benchmark|crawl|prewarm|warm-?up|parallel|workers",
    re.IGNORECASE,
)
# How long it may take to fill up, how much more than before is grown, and how much of that way is still the old level.
_EXACTLY = timedelta(minutes=4)
_FILLS, _GROWN, _LEFT = timedelta(hours=2), 1.3, 0.03
_FULL = 0.97
# What is put on the machine beside it may take its addresses, its ports, its routes.
_BETWEEN: frozenset[Category] = frozenset({"network_error", "dns_failure", "dependency_failure"})
_MACHINE = ("instance", "node", "host", "hostname", "nodename", "server")
_OF_THE_WAY: frozenset[Category] = frozenset({"network_error", "dns_failure"})
# It stands among what is shown of a finding, after what the finding rests on.
_SHOWN = 4
# Says of whom the change was: of something else than the target.
BEFORE_IT = "Shortly before it:"
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{3,}")
_WORD = re.compile(r"[A-Za-z]{6,}")
_VERSIONS = re.compile(r"\b([A-Za-z][\w-]{2,40})[ =:]{1,2}v?\d+(?:\.\d+)\S{0,40} ?(?:->|→|to) ?v?\d")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
# One word in common is chance.
_ALIKE = 2
_COMMON = frozenset(
    {
        *("deployment", "statefulset", "service", "prod", "production", "staging", "default", "deploy", "deployed"),
        *("release", "released", "version", "config", "configuration", "change", "changed", "update", "updated"),
        *("server", "client", "request", "requests", "timeout", "connection", "connections", "failed", "errors"),
        *("before", "because", "should", "during", "second", "seconds", "minutes", "number", "customer", "customers"),
        *("database", "process", "session", "sessions", "cluster", "memory", "running", "statement", "select"),
    }
)


def told(finding: Finding, facts: Facts) -> Finding:
    """The finding with why it is, as the log says, and the change that fits it best: done shortly before, no more."""
    finding = with_fellows(reasoned(finding, facts), facts)
    # What is rooted in a change of the way has its reason.
    change = None if _has_reason(finding) else _fitting(finding, facts)
    if change is None or change.cite().quote in finding.quotes:
        return finding
    statement = one_line(f"{finding.statement.rstrip('.')}. {BEFORE_IT} {said(change, 200)}", 700) + "."
    cites = finding.supported([change.cite("done shortly before")], after=_SHOWN)
    return replace(finding, statement=statement, supporting=cites)


def _has_reason(finding: Finding) -> bool:
    """Members of a cluster that have parted, or a full table of the kernel, are no change of the way yet."""
    told = finding.category == "dns_failure" or any(cite.note.startswith("changed") for cite in finding.supporting)
    return finding.rooted and finding.category in _OF_THE_WAY and told


def _fitting(finding: Finding, facts: Facts) -> LogLine | None:
    """The last one that names who is to blame, else the last one that brings load where something is used up."""
    left = _left_level(finding, facts)
    began = _began(finding, facts, left)
    near = [c for c in facts.changes if c.at is not None and began - _BEFORE <= c.at <= began + _SLACK]
    near = [change for change in near if not _of_target(change, facts)]
    statement = finding.statement.lower()
    named = [change for change in near if any(word in statement for word in [*target_of(change), *_upgraded(change)])]
    spoken = set(_apart(finding.statement))
    alike = [change for change in near if len(spoken & set(_words(change))) >= _ALIKE]
    more = [change for change in near if _MORE.search(change.text)] if finding.category in USED_UP else []
    at_once = [change for change in near if change.at and timedelta() <= began - change.at <= _AT_ONCE]
    beside = finding.category in _BETWEEN
    at_once = [change for change in at_once if _shared(change) or (beside and _on_its_machine(change, facts))]
    exact = [change for change in near if left and change.at and timedelta() <= left - change.at <= _EXACTLY]
    return (named or more or alike or exact or at_once or [None])[-1]


def _began(finding: Finding, facts: Facts, left: datetime | None) -> datetime:
    """When it began: of what fills up slowly, when it left its level, and not when half of the way was done."""
    started, onset = facts.case.started_at, finding.onset or facts.case.started_at
    if left is not None and started - left <= _FILLS:
        return min(left, onset, started)
    return min(onset, started) if started - onset <= _BEFORE else started


def _left_level(finding: Finding, facts: Facts) -> datetime | None:
    """When what is used up began to be: the first of the measurements that the finding rests on."""
    uses, quotes = finding.category in USED_UP, finding.quotes
    filled = [m for m in facts.metrics if m.cite().quote in quotes and (uses or (m.share or 0.0) >= _FULL)]
    return min((at for m in filled if (at := _left_at(m))), default=None)


def _left_at(metric: Metric) -> datetime | None:
    """Since when it has been above its first level without a break, if it grew from there."""
    values = [value for _, value in metric.points]
    base, top = median(values[: max(2, len(values) // 10)]), max(values)
    if top < _GROWN * max(base, 1e-9) or values[-1] < base + _LEFT * (top - base):
        return None
    below = [n for n, value in enumerate(values) if value <= base + _LEFT * (top - base)]
    return datetime.fromtimestamp(metric.points[below[-1]][0], UTC) if below else None


def _shared(change: LogLine) -> bool:
    """Is it of what all stand on or pass through, rather than of one service among others?"""
    target = change.message.partition(":")[0]
    return _SHARED.search(target if _OWN.match(change.message) else change.message) is not None


def _on_its_machine(change: LogLine, facts: Facts) -> bool:
    """Does it name the machine that the target runs on?"""
    case = facts.case
    labels = [case.target.labels, *(alert.labels for alert in case.alerts)]
    names = {one[key].partition(":")[0].lower() for one in labels for key in _MACHINE if one.get(key)}
    said = [word.lower() for word in _NAME.findall(change.message)]
    return bool(names & {part for word in said for part in (word.rstrip("."), word.partition(".")[0])})


def target_of(change: LogLine) -> list[str]:
    """What it was done to, as others would write it: travel/report-worker → report-worker."""
    names = _NAME.findall(change.message.partition(":")[0].split(" ", 1)[-1])
    words = [part.lower() for name in names for part in (name, name.split(".")[0])]
    return [word for word in words if word not in _COMMON]


def _upgraded(change: LogLine) -> list[str]:
    """The product whose version was changed, as those speak of it who worked with the old one: docker of docker-ce."""
    names = [name.lower() for name in _VERSIONS.findall(change.message)]
    return [word for name in names for word in (name, name.partition("-")[0]) if len(word) > 4 and word not in _COMMON]


def _words(change: LogLine) -> list[str]:
    """What of it was changed, in words that its own name does not hold."""
    target, _, summary = change.message.partition(":")
    return [word for word in _apart(summary) if word not in _COMMON and word not in target.lower()]


def _apart(text: str) -> list[str]:
    """Its words, those of RemoveLegacyTitleFromGuests and of legacy_title, too."""
    return [word.lower() for word in _WORD.findall(_HUMPS.sub(" ", text))]


def _of_target(change: LogLine, facts: Facts) -> bool:
    known = aliases(facts.case)
    return any(belongs(part, known) for part in re.split(r"[/\s:@,]+", change.message) if part)
