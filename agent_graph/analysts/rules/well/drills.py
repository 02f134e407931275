"""A drill that somebody announced for these hours ends it on purpose: each end was ordered or is of one that the drill
names, and others serve."""

import math
import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.absence import OF_ABSENCE
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.hours import in_force
from agent_graph.analysts.rules.well.wellness import good_signs
from agent_graph.sources.signs import aliases, belongs
from backend.investigation.kinds import Category

DRILL = re.compile(
    r"\bdrills?\b|game ?day|chaos|fault[- ]injection|fail-?over test|resilience (?:test|suite)", re.IGNORECASE
)
_AT_WORK = re.compile(r"\bchaos|\bkill(?:ing|ed)? (?:container|pod|process|instance)|fault[- ]inject", re.IGNORECASE)
_ENDED, _ORDERED = re.compile(r"\bdie exitCode=|\boom\b"), re.compile(r"\bkill signal=|\bstop\b")
_READY = re.compile(r"^(?!pod )\w+ \S+: (\d+) of (\d+) replicas ready, image [^;]*$")
# The order and the end that it brings, and how long before the alert the first of them may be.
_ORDER, _BEFORE = timedelta(seconds=30), timedelta(hours=2)
# Labels that say how bad it is, and not where.
_NO_PLACE = ("alertname", "severity", "priority", "job", "team", "receiver", "prometheus")
_LOOKS_LIKE: frozenset[Category] = frozenset({"restart_loop", "app_crash"})
_NO_TROUBLE = ("healthy", "planned", "trouble_over", "other_down", "bad_deploy")


def drilled(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """A drill of the place that the alert names is on, the engine was told to end it each time, and it runs again."""
    plan = next((c for c in reversed(facts.changes) if DRILL.search(c.message) and is_here(c, facts)), None)
    if plan is None or not in_force(plan, facts) or complains(facts):
        return None
    return _ended_and_back(plan, facts, likely) or _one_member_away(plan, facts, likely)


def _ended_and_back(plan: LogLine, facts: Facts, likely: Sequence[Category]) -> Finding | None:
    target, good = facts.target, good_signs(facts)
    if set(likely) - _LOOKS_LIKE:
        return None
    if target is None or not target.running or target.oom_killed or not good or not _all_ordered(facts):
        return None
    if any(c.evidence != target.evidence or target.health == "unhealthy" for c in trouble_signals(facts)):
        return None
    hands = [line for line in [*facts.around, *facts.lines] if _AT_WORK.search(line.text) and name(facts) in line.text]
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is ended and starts again as the drill that was announced wants it:"
        f" {said(plan, 300)}.",
        supporting=[
            plan.cite("the drill was announced"),
            *(line.cite("the drill at work") for line in hands[:1]),
            *(event.cite("it was told to end") for event in facts.events if _ORDERED.search(event.text)),
        ][:4]
        + good[:3],
        strength="strong",
        disproof="Look again when the announced hours are over: ended once more then, it would be an incident.",
    )


def _one_member_away(plan: LogLine, facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """The drill names whoever is not ready; more than those are ready, and nobody is measured to be served worse."""
    wrong = [s for s in facts.signs if s.weight != "weak" and s.category not in _NO_TROUBLE]
    away = {s.subject for s in wrong if _is_pod(s)}
    stand = [s for s in facts.signs_of("healthy", "strong") if _is_pod(s) and s.subject not in away]
    if set(likely) - OF_ABSENCE or not away or len({s.subject for s in stand}) <= len(away):
        return None
    if not all(_is_of_drill(s, plan) or _misses(s) <= len(away) for s in wrong) or facts.matching_levels("fatal"):
        return None
    explained = {s.quote for s in wrong}
    others = [cite for cite in trouble_signals(facts) if cite.quote not in explained]
    if any(all(one not in cite.quote for one in away) for cite in others):
        return None
    return Finding(
        category="healthy",
        statement=f"{', '.join(sorted(away))} of {name(facts)} is away because a registered drill takes it out, and the"
        f" others stand: {said(plan, 300)}.",
        supporting=[
            plan.cite("the drill was registered"),
            next(s for s in wrong if _is_pod(s)).cite("the one that it names"),
            *(s.cite("this one stands") for s in stand[:3]),
        ],
        strength="strong",
        disproof="Look again when the drill is over: away for longer, or more than one, would be an incident.",
    )


def _is_of_drill(sign: Sign, plan: LogLine) -> bool:
    """Does its platform see that it is not there, or killed, and does the drill name it? What fails by itself does so
    with a number of its own; who names a whole does not name what is missing of it."""
    killed = sign.category == "app_crash" and ("(SIGKILL)" in sign.quote or "(SIGTERM)" in sign.quote)
    seen = _is_pod(sign) and (sign.category in ("trouble", "dependency_failure") or killed)
    return seen and re.search(rf"(?<![\w.-]){re.escape(sign.subject)}(?![\w-])", plan.message) is not None


def _is_pod(sign: Sign) -> bool:
    return sign.source == "kubernetes" and sign.quote.startswith("pod ")


def _misses(sign: Sign) -> float:
    """How many the whole misses, where that is all that is wrong with it."""
    ready = _READY.search(sign.quote) if sign.source == "kubernetes" and sign.category == "trouble" else None
    return int(ready[2]) - int(ready[1]) if ready else math.inf


def is_here(change: LogLine, facts: Facts) -> bool:
    """Is it of the target, of its namespace, or of the place that every alert names?"""
    head = change.message.partition(": ")[0].split(" ", 1)[-1]
    parts = [part for part in re.split(r"[/\s:@,]+", head) if part]
    alerts = [alert.labels for alert in facts.case.alerts]
    places = [{v for key, v in labels.items() if key not in _NO_PLACE} for labels in alerts]
    known, space = aliases(facts.case), facts.case.target.namespace
    return any(
        belongs(part, known) or part == space or (bool(places) and all(part in one for one in places)) for part in parts
    )


def _all_ordered(facts: Facts) -> bool:
    """Did it end at all, and never by itself?"""
    since = facts.case.started_at - _BEFORE
    ends = [event.at for event in facts.events if event.at and event.at >= since and _ENDED.search(event.text)]
    orders = [event.at for event in facts.events if event.at and _ORDERED.search(event.text)]
    return bool(ends) and all(any(abs(end - order) <= _ORDER for order in orders) for end in ends)
