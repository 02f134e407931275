"""probe_failure of what is well between two kills: its keeper ends it for a failed check, again and again until now."""

import re
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.sources.signs import when
from backend.redaction.clean import one_line

_KILLED = re.compile(r"Killing .{1,200}failed (?:liveness|startup) probe", re.IGNORECASE)
_FAILED = re.compile(r"(?:liveness|startup) probe (?:failed|errored)", re.IGNORECASE)
_UNHEALTHY = re.compile(r"\bhealth_status: unhealthy\b")
_STARTED = re.compile(r"\bstart$")
# So often, within so long, and the last so lately: once or twice is a bad hour that is over.
_TIMES, _WITHIN, _LATELY = 3, timedelta(hours=1), timedelta(minutes=12)


def kept_killing(facts: Facts) -> Finding | None:
    """Kills of the last hour, as the cluster tells them, or turns of an engine's health check that fails again."""
    return _by_kubelet(facts) or _by_healer(facts)


def is_restarted_for_it(facts: Facts) -> bool:
    """Was it started anew for its check already, and more than once? Another start finds the same check."""
    return len(_turns(facts)) >= _TIMES


def _by_kubelet(facts: Facts) -> Finding | None:
    signs = [s for s in facts.signs_of("probe_failure") if s.source == "kubernetes"]
    kills = [s for s in signs if _KILLED.search(s.quote)]
    if not facts.case.firing or not _goes_on([at for s in kills if (at := _told_at(s))], facts.case.now):
        return None
    how = [s for s in signs if _FAILED.search(s.quote)]
    why = one_line((how or kills)[0].means, 400).rstrip(".")
    return Finding(
        category="probe_failure",
        statement=f"{name(facts)} is ended for a failed check again and again, {len(kills)} times by now: {why}.",
        supporting=[*(s.cite("how it fails") for s in how[:2]), *(s.cite("it is ended for it") for s in kills[-2:])],
        strength="strong",
        onset=min((s.at for s in signs if s.at), default=None),
        rooted=True,
        disproof="Run the check by hand and measure how long it takes: well within its time rules it out.",
    )


def _by_healer(facts: Facts) -> Finding | None:
    container, turns = facts.target, _turns(facts)
    if container is None or not container.running or not turns:
        return None
    if container.health != "starting" and not (container.health == "unhealthy" and _is_well_in_between(facts, turns)):
        return None
    failing = container.data.get("health_failures")
    if (
        not isinstance(failing, int)
        or failing <= 0
        or not _goes_on([event.at for event in turns if event.at], facts.case.now)
    ):
        return None
    return Finding(
        category="probe_failure",
        statement=f"{container.name} turned unhealthy {len(turns)} times, was started anew, and fails its health check"
        " again.",
        supporting=[
            container.cite("health", "it fails again"),
            turns[-1].cite("as before"),
            *trouble_signals(facts)[:2],
        ],
        strength="strong",
        onset=turns[0].at,
        rooted=True,
        disproof=f"Run the health check by hand: docker inspect {container.name} shows its command.",
    )


def _is_well_in_between(facts: Facts, turns: list[LogLine]) -> bool:
    """Is it started anew after each turn but the last, and has nothing to complain of itself?"""
    since = min((turn.at for turn in turns if turn.at), default=facts.case.started_at)
    starts = [e for e in facts.events if e.at and e.at >= since and _STARTED.search(e.text.strip())]
    return len(starts) >= len(turns) - 1 and not any(x.is_error for x in facts.lines if x.at and x.at >= since)


def _turns(facts: Facts) -> list[LogLine]:
    return [event for event in facts.events if _UNHEALTHY.search(event.text)]


def _told_at(sign: Sign) -> datetime | None:
    """When it was reported last: the line of an event begins with that."""
    return when(sign.quote.split(" ", 1)[0]) or sign.at


def _goes_on(at: list[datetime], now: datetime) -> bool:
    late = sorted(one for one in at if now - _WITHIN <= one <= now)
    return len(late) >= _TIMES and now - late[-1] <= _LATELY
