"""Not running because its run is over: what a timer starts, does one thing and ends, is away between two runs."""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said
from agent_graph.analysts.rules.well.absence import explained, only_away
from agent_graph.analysts.rules.well.complaints import complains
from backend.investigation.kinds import AlertFact, Category

_AWAY = re.compile(r"not.{0,4}(?:active|running|up)\b|inactive|down\b|stopped|dead\b", re.IGNORECASE)
_UNIT = ("name", "unit", "service", "systemd_unit", "unit_name")
_ONCE = re.compile(r'type="oneshot"')
# As systemd says that a run is over, well and not.
_DONE = re.compile(r"^(\S+)\.service: (?:Deactivated successfully|Succeeded)|^Finished (\S+)\.service\b")
# What stays active after its run was stopped by somebody; a timer that is off starts nothing.
_STOPPED = re.compile(r"^Stopp(?:ing|ed) (\S+)\.service\b")
_BROKE = re.compile(r"^(\S+)\.service: (?:Failed with result|Main process exited, code=(?!exited, status=0))")


def between_runs(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """The alert says only that it does not run; by what is measured it ends each time, and no run failed."""
    alerts = facts.case.alerts
    units = {unit for alert in alerts if (unit := _unit(alert))}
    if len(units) != 1 or not all(_unit(alert) and _is_of_absence(alert) for alert in alerts):
        return None
    unit = units.pop()
    timed, failed = _timed(facts, unit), _failed(facts, unit)
    last = _last_end(facts, unit)
    if timed is None or failed is None or failed.highest > 0 or last is None or _DONE.match(last.message) is None:
        return None
    if any(_of_unit(m, unit, "timer") and 'state="active"' in m.line and not m.last for m in facts.metrics):
        return None
    if not explained(likely) or not only_away(facts) or complains(facts):
        return None
    return Finding(
        category="healthy",
        statement=f"{unit} of {name(facts)} does not run because its run is over: it is a oneshot that a timer"
        f" starts, and its last run ended well ({said(last)}).",
        supporting=[last.cite("its last run ended well"), timed.cite("it runs and ends"), failed.cite("no run failed")],
        strength="strong",
        disproof="Look when its timer is due next: a run that did not begin then would be an incident.",
    )


def _unit(alert: AlertFact) -> str:
    named = next((alert.labels[key] for key in _UNIT if alert.labels.get(key)), "")
    return named.removesuffix(".service")


def _is_of_absence(alert: AlertFact) -> bool:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", alert.name)
    return _AWAY.search(" ".join([words, *alert.annotations.values()])) is not None


def _of_unit(metric: Metric, unit: str, suffix: str) -> bool:
    return f'="{unit}.{suffix}"' in metric.line


def _timed(facts: Facts, unit: str) -> Metric | None:
    """What measures that it is meant to end: its own type, or the timer that starts it."""
    once = [m for m in facts.metrics if _of_unit(m, unit, "service") and _ONCE.search(m.line)]
    timer = [m for m in facts.metrics if _of_unit(m, unit, "timer")]
    return next(iter([*timer, *once]), None)


def _failed(facts: Facts, unit: str) -> Metric | None:
    return next((m for m in facts.metrics if _of_unit(m, unit, "service") and 'state="failed"' in m.line), None)


def _last_end(facts: Facts, unit: str) -> LogLine | None:
    """The last line that tells how a run ended; of a log that tells of no end, nothing is known."""
    lines = [line for line in [*facts.usual, *facts.lines, *facts.around] if line.at]
    ends = [line for line in lines if any(unit in found.groups() for found in _told(line))]
    return max(ends, key=lambda line: line.at or facts.case.now, default=None)


def _told(line: LogLine) -> list[re.Match[str]]:
    return [found for pattern in (_DONE, _BROKE, _STOPPED) if (found := pattern.match(line.message))]
