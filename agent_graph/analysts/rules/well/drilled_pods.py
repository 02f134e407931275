"""Pods that are killed one after the other by a drill of their namespace, which was registered for these hours."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from agent_graph.analysts.rules.facts import Facts, Metric, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.drills import DRILL, is_here
from agent_graph.analysts.rules.well.hours import in_force
from agent_graph.analysts.rules.well.wellness import good_signs
from agent_graph.sources.docker.state import moment
from backend.investigation.kinds import Category

_LOOKS_LIKE: frozenset[Category] = frozenset({"restart_loop", "app_crash"})
_NO_TROUBLE = ("healthy", "planned", "trouble_over", "bad_deploy")
# Ended from outside: what fails by itself ends with a number of its own.
_KILLED = ("(SIGKILL)", "(SIGTERM)")
# A drill waits until the last one stands again; what a common cause kills, it kills together.
_APART, _POINTS, _LATE, _STEADY = timedelta(seconds=45), 8, 4, 0.5
_WORK = re.compile(r"_total(?![a-z])|(?<![a-z])rate(?![a-z])", re.IGNORECASE)
_NO_WORK = re.compile(r"error|fail|reject|denied|drop|time-?_?out|restart|retr|lost|5xx|4xx", re.IGNORECASE)


def killed_in_drill(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """A drill of this place is on, all ends are kills with a pause between them, and what is done goes on as ever."""
    plan = next((c for c in reversed(facts.changes) if DRILL.search(c.message) and is_here(c, facts)), None)
    if plan is None or not in_force(plan, facts) or set(likely) - _LOOKS_LIKE or trouble_signals(facts):
        return None
    killed = facts.signs_of("app_crash")
    if not killed or not all(map(_is_kill, killed)) or not _one_by_one(facts) or complains(facts):
        return None
    # Whose health check fails is killed, too, by what checks it.
    others = [s for s in facts.signs if s.category not in (*_LOOKS_LIKE, *_NO_TROUBLE)]
    if any(s.weight != "weak" or s.category in ("probe_failure", "oom") for s in others):
        return None
    work = [metric for metric in facts.metrics if goes_on(metric)]
    if not work:
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is killed pod by pod and starts again as the drill that was registered wants it:"
        f" {said(plan, 300)}.",
        supporting=[
            plan.cite("the drill was registered"),
            killed[-1].cite("killed, and by nothing of its own"),
            work[0].cite("what it does goes on"),
            *good_signs(facts)[:3],
        ],
        strength="strong",
        disproof="Look again when the registered hours are over: ended once more then, it would be an incident.",
    )


def _is_kill(sign: Sign) -> bool:
    return sign.source == "kubernetes" and any(how in sign.quote for how in _KILLED)


def _one_by_one(facts: Facts) -> bool:
    """More than one, with a pause after each."""
    ended = sorted(at for text in facts.platform.get("ended") or [] if (at := moment(text)) is not None)
    pauses: list[tuple[datetime, datetime]] = list(pairwise(ended))
    return len(ended) > 1 and all(later - one >= _APART for one, later in pauses)


def goes_on(metric: Metric) -> bool:
    """Is it work that was never less than half of what it is at most, and that moves up to now?

    What only grows is a sum: half as much is to be added of late as was before.
    """
    called = metric.name
    counts = metric.role in ("other", "requests", "success") and _WORK.search(called) and not _NO_WORK.search(called)
    values = [value for _, value in metric.points]
    if not counts or len(values) < _POINTS or not min(values) > _STEADY * max(values) > 0:
        return False
    late = values[-max(_LATE, len(values) // 4) :]
    sums = all(one <= later for one, later in pairwise(values))
    added, before = (late[-1] - late[0]) / (len(late) - 1), (values[-1] - values[0]) / (len(values) - 1)
    return len(set(late)) > 1 and (not sums or added > _STEADY * before)
