"""How a run ended, as it is measured and as its own log tells: where the two differ, neither is believed."""

import re
from datetime import UTC, datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said
from backend.investigation.kinds import AlertFact

# What series are called that keep how the last run ended: 0 when it went well, and 1 when it did.
_ZERO_IS_WELL = re.compile(
    r"exit_?(?:code|status)|return_?code|(?:last|run|job|backup|task)\w*_(?:fail(?:ed|ure)?|error)$"
)
_ONE_IS_WELL = re.compile(r"(?:last|run|job|backup|task)\w*_(?:success(?:ful)?|succeeded|ok)$")
_FAILS = re.compile(r"fail|error|exit|unsuccess|not succe", re.IGNORECASE)
# Work that came to its end, as it says itself or as who runs it says.
_WELL = re.compile(
    r"deactivated successfully|succeeded|successfully|\bcompleted?\b|\bfinished\b|\bsaved\b|\bdone\b"
    r"|exit(?:ed)?.{0,20}(?:code|status)[ =:]{1,2}0\b|status=0/SUCCESS",
    re.IGNORECASE,
)
_LABEL = re.compile(r'([a-zA-Z_]\w*)="([^"]*)"')
_WORD = re.compile(r"[a-z]{4,}")
_PLACES = frozenset({"instance", "host", "node", "nodename", "namespace", "job", "cluster", "env"})
_COMMON = frozenset("last exit code status success successful succeeded failed failure error return task".split())
_BEFORE, _AFTER = timedelta(minutes=10), timedelta(minutes=5)


def failed_end(facts: Facts) -> Metric | None:
    """The series that the alert on a failed run is about, where it says so still."""
    for alert in facts.case.alerts[:1]:
        told = f"{alert.name} {' '.join(alert.annotations.values())}"
        about = (m for m in facts.metrics if _tells_end(m) and _meant(m, alert, told)) if _FAILS.search(told) else ()
        return next(iter(about), None)
    return None


def ends_differ(facts: Facts) -> Finding | None:
    """It is measured to have failed, and its log of that very time says that it came to its end."""
    failed = failed_end(facts)
    since = _since(failed) if failed is not None else None
    if failed is None or since is None:
        return None
    near = [line for line in [*facts.lines, *facts.usual] if line.at and since - _BEFORE <= line.at <= since + _AFTER]
    ends = [line for line in near if _WELL.search(line.message) and any(w in line.text.lower() for w in _of(failed))]
    if not ends or any(line.is_bad for line in near):
        return None
    return Finding(
        category="unknown",
        statement=f"Two sources contradict each other about the run of {name(facts)}. Measured: {failed.line[:240]}."
        f" Its own log says: {said(ends[-1], 240)}. Which one is right, its result shows: look at what the run made,"
        " and at whoever wrote the measurement.",
        supporting=[failed.cite("as measured")],
        contradicting=[line.cite("as its own log says") for line in {one.text: one for one in ends}.values()][-2:],
        strength="weak",
        onset=since,
        disproof="Run it again, and read both: failing in both, it is the run.",
    )


def _tells_end(metric: Metric) -> bool:
    """Is it such a series, and bad by now?"""
    called = metric.line.partition("{")[0].partition(":")[0]
    bad = metric.last != 0 if _ZERO_IS_WELL.search(called) else metric.last == 0
    return bad and (_ZERO_IS_WELL.search(called) or _ONE_IS_WELL.search(called)) is not None


def _meant(metric: Metric, alert: AlertFact, told: str) -> bool:
    """No label says otherwise, and the alert calls it, or what it is of."""
    labels = dict(_LABEL.findall(metric.line))
    same = all(alert.labels.get(key, value) == value for key, value in labels.items())
    return same and any(word in told.lower() for word in _of(metric))


def _of(metric: Metric) -> set[str]:
    """What kind of work it is of, by its name and by the labels that tell no place."""
    values = [value for key, value in _LABEL.findall(metric.line) if key not in _PLACES]
    text = " ".join([metric.line.partition("{")[0], *values]).lower()
    return set(_WORD.findall(text)) - _COMMON


def _since(metric: Metric) -> datetime | None:
    """When it turned bad; None where it always was."""
    turned = next((at for at, value in reversed(metric.points) if value != metric.last), None)
    later = [at for at, _ in metric.points if turned is not None and at > turned]
    return datetime.fromtimestamp(min(later), UTC) if later else None
