"""What a measurement says of a thing, and the platform that runs the thing denies: one of the two does not look right.

An exporter that watches another cluster, keeps a series of a namesake or lags behind tells of restarts that were none.
Neither is believed against the other: whoever looks must first find out which of them is wrong.
"""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts, Metric, Sign
from agent_graph.analysts.rules.filled import printed_otherwise
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.sources.signs import when
from backend.investigation.kinds import Category, Citation

# What the platform itself knows best: whether it runs, is ready, was started anew.
_OF_THE_PLATFORM: frozenset[Category] = frozenset({"restart_loop", "app_crash", "probe_failure", "oom", "node_failure"})
_NAMED = re.compile(r'[{,] ?(?:pod|container|name|container_name|node|deployment|statefulset|daemonset)="([^"]+)"')


def disputed(finding: Finding, facts: Facts) -> tuple[str, list[Citation]] | None:
    """What one says and what the other does; None where something else agrees with one of them."""
    printed = printed_otherwise(finding, facts)
    if printed is not None and not complains(facts):
        return _of_two(printed[0], printed[1], printed[2])
    lines = {metric.cite().quote: metric for metric in facts.metrics}
    if finding.category not in _OF_THE_PLATFORM or not finding.supporting or complains(facts):
        return None
    if any(citation.quote not in lines for citation in finding.supporting if citation != facts.alert):
        return None
    measured = [lines[citation.quote] for citation in finding.supporting if citation.quote in lines]
    named = {name for metric in measured for name in _NAMED.findall(metric.line)}
    denied = _denied(facts, named, [m.change_at.timestamp() for m in measured if m.change_at])
    if not measured or denied is None or _broken(facts):
        return None
    said, cite = denied
    statement, _ = _of_two(measured[0], said, cite)
    return statement, [*(metric.cite("as measured") for metric in measured[:2]), cite]


def _of_two(measured: Metric, said: str, cite: Citation) -> tuple[str, list[Citation]]:
    statement = (
        f"Two sources contradict each other. Measured: {measured.line[:240]}. The platform itself says: {said}."
        " One of them looks at the wrong thing or is stale; which one, whoever asks the platform directly will see."
    )
    return statement, [measured.cite("as measured"), cite]


def _broken(facts: Facts) -> list[Sign]:
    """What the platform sees of trouble by itself."""
    own = ("kubernetes", "docker")
    return [s for s in facts.signs if s.source in own and s.weight != "weak" and s.category not in _WELL]


_WELL = ("healthy", "other_down", "other_off", "planned", "bad_deploy")


def _denied(facts: Facts, named: set[str], since: Sequence[float]) -> tuple[str, Citation] | None:
    """The platform's own word on one of these: that it runs undisturbed, and did so when the other changed."""
    began = min(since, default=facts.case.started_at.timestamp())
    for sign in facts.signs_of("healthy", "strong"):
        started = when(facts.platform.get("runs_since", {}).get(sign.subject))
        if sign.source == "kubernetes" and sign.subject in named and started and started.timestamp() < began:
            return f"{sign.means} (it runs since {started:%Y-%m-%d %H:%M})", sign.cite("as its platform sees it")
    for one in facts.containers:
        undisturbed = one.running and not one.restarts and one.health != "unhealthy" and one.started_at
        if one.name in named and undisturbed and one.started_at and one.started_at.timestamp() < began:
            since_when = f"{one.name} runs since {one.started_at:%Y-%m-%d %H:%M} without a restart"
            return since_when, one.cite("started at", "as its engine sees it")
    return None
