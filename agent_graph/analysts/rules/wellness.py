"""Signs that nothing is wrong (any more): recovered, or healthy all along."""

import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.logs.words import ominous
from backend.investigation.kinds import Category, Citation

# One good sign can be a stale one.
SIGNS_NEEDED = 2
# What a service that was put away on purpose looks like from outside.
_OF_ABSENCE: frozenset[Category] = frozenset(
    {"app_crash", "network_error", "probe_failure", "node_failure", "dependency_failure", "restart_loop", "bad_deploy"}
)
_AWAY = re.compile(
    r"maintenance|decommission|powering down|power(?:ed)?[ -]?off|shutting down|planned|switchover|failover",
    re.IGNORECASE,
)
# Errors of whoever asks, not of whom it asks: a domain that is gone is answered with NXDOMAIN, not with "try again".
_PROBERS = re.compile(
    r"EAI_AGAIN|temporary failure in name resolution|ENETUNREACH|network is unreachable", re.IGNORECASE
)
# How long work on something may last until an alert notices, and words that plans of all kinds contain.
_WORK = timedelta(hours=2)
_NO_TOPICS = {"maintenance", "announced", "expected", "meanwhile", "server", "cluster", "service", "before", "scaled"}
_CALM = timedelta(minutes=3)
_CALM_LINES = 3
# Alerts wait this long before they fire, and what they are about began before.
_WAITED = timedelta(minutes=10)
_MANY_ERRORS = 3


def recovered(facts: Facts) -> Finding | None:
    """It was bad, and its own source says that it is good again, and the target's state agrees."""
    if trouble_signals(facts):
        return None
    because: list[Citation] = []
    if facts.monitor is not None and facts.monitor.up_again:
        because.append(
            Citation(evidence=facts.monitor.evidence, quote=facts.monitor.lines[0], note="the check passes again")
        )
    over = [s.cite("it is over") for s in facts.signs_of("trouble_over")]
    over += [calm] if (calm := calm_again(facts)) else []
    good = _good_signs(facts)
    if facts.case.firing and not because and not (over and len(good) + len(over) >= SIGNS_NEEDED):
        return None
    because += [*over, *good]
    return Finding(
        category="healthy",
        statement=f"{name(facts)} had recovered before anybody acted.",
        supporting=because,
        strength="strong",
        disproof="Look at its latest checks or the alert: firing again would disprove it.",
    )


def announced(facts: Facts, causes: Sequence[Category]) -> Finding | None:
    """It is away as somebody said it would be: its own words agree, and nothing else explains it."""
    signs = facts.signs_of("planned", "proof", "strong")
    if not signs or set(causes) - _OF_ABSENCE:
        return None
    own = [*facts.lines, *facts.around]
    words = next((line.cite("its own words agree") for line in own if _AWAY.search(line.text)), None)
    if words is None and signs[0].weight != "proof":
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is away as announced: {signs[0].means}.",
        supporting=[signs[0].cite("it was announced"), *([words] if words else [])],
        strength="strong",
        disproof="Ask who announced it; being away past the end of it would be an incident.",
    )


def worked_on(facts: Facts, causes: Sequence[Category]) -> Finding | None:
    """Somebody works on it, or it was made smaller: its own words tell of that, and nobody suffers from it."""
    signs, good = facts.signs_of("planned", "weak"), facts.signs_of("healthy")
    signs = [s for s in signs if s.at is not None and s.at >= facts.case.started_at - _WORK]
    if not signs or not good or causes or trouble_signals(facts) or complains(facts):
        return None
    named = f"{signs[0].subject} {facts.case.target.name}".lower()
    topics = {word for word in re.findall(r"[a-z]{6,}", signs[0].means.lower()) if word not in named} - _NO_TOPICS
    own = [line for line in [*facts.lines, *facts.around] if line.at is None or line.at >= (signs[0].at or line.at)]
    agree = [line for line in own if _AWAY.search(line.text) or any(word in line.text.lower() for word in topics)]
    if not agree:
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} does what was planned for it: {signs[0].means}.",
        supporting=[signs[0].cite("it was planned"), agree[0].cite("its own words agree"), good[0].cite("it is well")],
        strength="strong",
        disproof="Ask who planned it; trouble that its users notice, or that outlasts it, would be an incident.",
    )


def probers_own(facts: Facts) -> Finding | None:
    """Our check could not even ask (its resolver, its network), while the target goes on serving others."""
    monitor = facts.monitor
    failure = monitor.find(_PROBERS) if monitor is not None and monitor.down else None
    if failure is None or monitor is None or (facts.containers and facts.target and not facts.target.running):
        return None
    since = facts.case.now - _CALM
    served = [line for line in facts.lines if line.level == "info" and line.at is not None and line.at >= since]
    good = [s.cite("as it should be") for s in facts.signs_of("healthy", "strong") if s.source != "monitor_history"]
    elsewhere = [s for s in facts.signs_of("trouble", "strong")]
    if elsewhere or len(served) < _CALM_LINES or len(good) < 1 or complains(facts):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} goes on serving; the prober itself cannot resolve names or reach the network.",
        supporting=[failure, served[-1].cite("it serves meanwhile"), *good[:2]],
        strength="strong",
        disproof="Check it from another location: failing there, too, would disprove it.",
    )


def calm_again(facts: Facts) -> Citation | None:
    """The log went wrong, and then went on for a while as if nothing had been."""
    timed = [line for line in facts.lines if line.at is not None]
    bad = [line for line in timed if line.level in ("error", "fatal") or ominous(line.text)]
    if not bad or not timed:
        return None
    last, end = max(line.at for line in bad if line.at), max(line.at for line in timed if line.at)
    if end - last <= _pause(facts, bad):
        return None
    after = [line for line in timed if line.at is not None and line.at > last]
    if end - last < _CALM or len(after) < _CALM_LINES or facts.case.now - end > _CALM:
        return None
    return after[-1].cite("it works again, without an error since")


def _pause(facts: Facts, bad: Sequence[LogLine]) -> timedelta:
    """The longest pause between complaints of this trouble: a quiet that is no longer is only the next pause."""
    at = sorted(line.at for line in bad if line.at is not None and line.at >= facts.case.started_at - _WAITED)
    return max((later - one for one, later in pairwise(at)), default=timedelta())


def healthy(facts: Facts) -> Finding | None:
    """The source still complains, but everything that was looked at is well."""
    signs = _good_signs(facts)
    if trouble_signals(facts) or len(signs) < SIGNS_NEEDED or complains(facts):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is healthy in everything that was looked at; the alarm looks like noise.",
        supporting=signs,
        strength="strong",
        disproof="Do what its users do; if that fails, the evidence looked at the wrong things.",
    )


def complains(facts: Facts) -> bool:
    """Does it go on logging errors that it did not log before, up to now? No measurement says that this is nothing."""
    now, began = facts.case.now, facts.case.started_at
    errors = [line for line in facts.matching_levels("error", "fatal") if line.at is not None]
    since = [line for line in errors if line.at and began - _WAITED <= line.at]
    early = [line for line in errors if line.at and line.at < began - _WAITED]
    kinds = {kind_of(line) for line in early}
    new = [line for line in since if kind_of(line) not in kinds]
    return sum(line.count for line in new) >= _MANY_ERRORS and max(line.at for line in new if line.at) >= now - _WAITED


def _good_signs(facts: Facts) -> list[Citation]:
    """Each thing seen to be well, once."""
    found = {(c.evidence, c.quote): c for c in reversed(_all_good(facts))}
    return list(reversed(found.values()))


def _all_good(facts: Facts) -> list[Citation]:
    found: list[Citation] = []
    found += [s.cite("as it should be") for s in {s.subject: s for s in facts.signs_of("healthy", "strong")}.values()][
        :4
    ]
    container = facts.target
    if (
        container is not None
        and container.running
        and container.restarts == 0
        and container.health in ("healthy", "none")
    ):
        found.append(container.cite("status", "runs without a restart"))
        found += [container.cite("health", "its health check passes")] if container.health == "healthy" else []
    if facts.monitor is not None and facts.monitor.checks and facts.monitor.latest[:1] == ["up"]:
        found.append(
            Citation(evidence=facts.monitor.evidence, quote=facts.monitor.lines[0], note="the latest check passed")
        )
    for role in ("up", "probe"):
        metric = facts.metric(role)
        if metric is not None and min(value for _, value in metric.points[-5:]) >= 1:
            found.append(metric.cite("up without a gap"))
    for role in ("memory", "host_memory"):
        metric = facts.metric(role)
        if metric is not None and metric.share is not None and metric.share < 0.8:
            found.append(metric.cite("far from its limit"))
    return found
