"""Pods that wait for a place and get it, or gave theirs up as they are made to: what the cluster does is no trouble."""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.context.ceilings import cited
from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category, Citation

# What alerts on pods without a place are called and say, and what those on users say.
_ABOUT = re.compile(
    r"pending|schedul|replicas?|\bpods?\b.{0,40}(?:available|gone|missing|ready|lost)|unavailable", re.IGNORECASE
)
_USERS = re.compile(
    r"latency|5xx|4xx|error.?(?:rate|ratio|budget)|burn|p9\d|time-?out|queue|backlog|\blag", re.IGNORECASE
)
_WAITING = re.compile(r"^kube_(?:pod_status_(?:unschedulable|phase|scheduled)|\w+_replicas)\w*[{:]")
_NO_TROUBLE = ("healthy", "trouble", "trouble_over", "scheduling_failure", "planned", "fewer", "on_time")


def room_due(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All that is bad is that they wait, which the cluster's own state explains; nobody complains."""
    waits, alerts = facts.platform.get("waits"), facts.case.alerts
    told = [f"{a.name} {' '.join(a.annotations.values())}" for a in alerts]
    if not waits or not told or set(likely) - {"scheduling_failure"} or complains(facts):
        return None
    if not all(_ABOUT.search(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", one)) and not _USERS.search(one) for one in told):
        return None
    names = tuple(waits["names"])
    others = [s for s in facts.signs if s.category not in _NO_TROUBLE and s.weight != "weak" and s.subject not in names]
    trouble = [signal for signal in trouble_signals(facts) if not _is_of(signal, names)]
    cite = cited(waits["line"], facts, "why they wait")
    if others or trouble or cite is None:
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} waits for room as the cluster is set up to let it: {waits['line']}.",
        supporting=[cite, *(sign.cite() for sign in facts.signs_of("scheduling_failure")[:1]), *good_signs(facts)[:3]],
        strength="strong",
        disproof="Look again in some minutes: waiting still while others get their place, it would be an incident.",
    )


def _is_of(signal: Citation, names: Sequence[str]) -> bool:
    return _WAITING.match(signal.quote) is not None or any(one in signal.quote for one in names)
