"""What the alert measures is as it was before it fired: a state that was left once, and come back to since."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.alike_again import alike_again
from agent_graph.analysts.rules.well.complaints import comes_back, new_bad_lines
from agent_graph.analysts.rules.well.told_limits import within_again
from backend.investigation.kinds import AlertFact

Test = Callable[[Metric, Facts], datetime | None]

# Labels that a whole machine or job shares say nothing of which series an alert is about.
_SHARED = frozenset({"instance", "job", "host", "node", "cluster", "env", "namespace"})
# How many labels it shares with its series, how near to the change it fired, and how long the good state must hold.
_LEAST, _FIRED, _HOLDS = 3, timedelta(minutes=15), timedelta(minutes=5)
# A rule is asked once a minute or so: what it looks back at may be over by then.
_ASKED = timedelta(minutes=1)

# Names that say which series it is; how near to its usual level, and how long, what falls slowly must be.
_PLACE = frozenset({"instance", "host", "node", "hostname"})
_TELLING, _SAYS_NOTHING = 4, frozenset({"node", "host", "status", "state", "total", "info", "unit", "systemd", "probe"})
_NAMES, _NEAR, _SETTLED = 2, 0.1, timedelta(minutes=2)
# So many times what it was is where the alert says that it is too high.
_RISEN = 3


def back_again(facts: Facts) -> Finding | None:
    """The very series of the alert is back, stays so, and nothing was complained of since."""
    if trouble_signals(facts) or comes_back(facts):
        return None
    found = _found(facts)
    if found is None or _fellow_stays(found[0], facts) or not _others_are_back(facts):
        return None
    if any(line.at and line.at >= found[1] for line in new_bad_lines(facts)):
        return None
    metric, at, test = found
    now = "empty" if metric.role == "queue" and not metric.last else "as it was before it fired"
    now = "alike on both sides" if test is alike_again else now
    return Finding(
        category="healthy",
        statement=f"{name(facts)} had recovered before anybody acted: what the alert measures is"
        f" since {at:%H:%M} UTC {now}: {metric.line[:200]}.",
        supporting=[metric.cite("what the alert measures is back")],
        strength="strong",
        disproof="Look at the same series again: left once more, it is not over.",
    )


def _found(facts: Facts) -> tuple[Metric, datetime, Test] | None:
    """What is back, since when, and by which test."""
    tests: tuple[Test, ...] = (_back_at, _down_again, _empty_at, within_again, alike_again)
    return next(((m, at, test) for m in facts.metrics for test in tests if (at := test(m, facts))), None)


def _others_are_back(facts: Facts) -> bool:
    """The tests ask for the first alert: what each other one that fires is about must be back, too."""
    others = [alert for alert in facts.case.alerts[1:] if alert.status == "firing"]
    views = [replace(facts, case=facts.case.model_copy(update={"alerts": [alert]})) for alert in others]
    return all(_found(view) is not None for view in views)


def still_away(facts: Facts) -> bool:
    """Does the very state that the alert is about stand where it turned to as it fired? Then nothing is over."""
    alerts = facts.case.alerts[:1]
    return facts.case.firing and any(_turned(metric, alert, facts) for alert in alerts for metric in facts.metrics)


def stands_high(facts: Facts) -> bool:
    """Does the very series of the alert stand where it rose to before it fired? Then nothing is over, whatever else a
    log has stopped to complain of."""
    alerts = facts.case.alerts[:1]
    return facts.case.firing and any(_risen(metric, alert, facts) for alert in alerts for metric in facts.metrics)


def _risen(metric: Metric, alert: AlertFact, facts: Facts) -> bool:
    """Several times what it was, in all that was measured since; what stands still may be a count of what was."""
    since = metric.change_at
    if since is None or since > facts.case.started_at or not _is_meant(metric, alert.labels):
        return False
    before = [value for at, value in metric.points if at < since.timestamp() - _SETTLED.total_seconds()]
    later = [value for at, value in metric.points if at >= facts.case.started_at.timestamp()]
    enough = len(before) >= _LEAST and len(later) >= _LEAST and len(set(later)) > 1
    return enough and min(later) >= _RISEN * max(before) > 0


def _turned(metric: Metric, alert: AlertFact, facts: Facts) -> bool:
    """Of two values, the first until shortly before the alert, and the second ever since."""
    runs = [(value, next(points)[0]) for value, points in groupby(metric.points, key=lambda p: p[1])]
    if len(runs) != 2 or {value for value, _ in runs} != {0.0, 1.0}:
        return False
    waited = facts.case.started_at - datetime.fromtimestamp(runs[1][1], UTC)
    return -timedelta(minutes=1) <= waited <= _FIRED and _is_meant(metric, alert.labels)


def _back_at(metric: Metric, facts: Facts) -> datetime | None:
    """Since when it is back; None: it is not, is another series, or comes and goes."""
    if not any(_is_meant(metric, alert.labels) or _is_its_state(metric, alert) for alert in facts.case.alerts[:1]):
        return None
    runs = [(value, [at for at, _ in points]) for value, points in groupby(metric.points, key=lambda p: p[1])]
    if len(runs) != 3 or runs[0][0] != runs[2][0]:
        return None
    left, back = (datetime.fromtimestamp(run[1][0], UTC) for run in runs[1:])
    near = -timedelta(minutes=1) <= facts.case.started_at - left <= _FIRED
    held = datetime.fromtimestamp(runs[2][1][-1], UTC) - back
    return back if near and held >= _HOLDS and back > facts.case.started_at - _ASKED else None


def _empty_at(metric: Metric, facts: Facts) -> datetime | None:
    """Since when nothing is left of what waited: empty is well, whether or not it was seen before."""
    values = metric.labels
    alert = next(iter(facts.case.alerts), None)
    own = {value for key, value in values.items() if key not in _SHARED}
    same = own & {value for key, value in alert.labels.items() if key not in _SHARED} if alert else set[str]()
    left = [n for n, (_, value) in enumerate(metric.points) if value]
    if metric.role != "queue" or not same or not left or left[-1] + 1 >= len(metric.points):
        return None
    since = datetime.fromtimestamp(metric.points[left[-1] + 1][0], UTC)
    held = datetime.fromtimestamp(metric.points[-1][0], UTC) - since
    waited = any(value and at <= facts.case.started_at.timestamp() for at, value in metric.points)
    return since if waited and held >= _HOLDS and since > facts.case.started_at else None


def _down_again(metric: Metric, facts: Facts) -> datetime | None:
    """Since when what rose is near its usual level again, and its source says that it is over."""
    over = {sign.quote for sign in facts.signs_of("trouble_over", "strong")}
    values = metric.labels
    named = {value for key, value in values.items() if key not in _SHARED}
    alert = next(iter(facts.case.alerts), None)
    # A group's lag is called by its group and topic, whatever each of the two calls these labels.
    same = named & {value for key, value in alert.labels.items() if key not in _SHARED} if alert else set[str]()
    if metric.cite().quote not in over or len(same) < _NAMES:
        return None
    early = [value for at, value in metric.points if at < facts.case.started_at.timestamp() - _FIRED.total_seconds()]
    top = max(value for _, value in metric.points)
    usual = max(early, default=top)
    above = [n for n, (_, value) in enumerate(metric.points) if value > usual + _NEAR * (top - usual)]
    if not above or above[-1] + 1 >= len(metric.points):
        return None
    back = datetime.fromtimestamp(metric.points[above[-1] + 1][0], UTC)
    held = datetime.fromtimestamp(metric.points[-1][0], UTC) - back
    return back if held >= _SETTLED and back > facts.case.started_at else None


def _is_meant(metric: Metric, labels: dict[str, str]) -> bool:
    own = metric.labels
    both = [key for key in own if key in labels]
    return len(both) >= _LEAST and not set(both) <= _SHARED and all(own[key] == labels[key] for key in both)


def _is_its_state(metric: Metric, alert: AlertFact) -> bool:
    """Well or not, of the very instance, and called by a word of the alert: sync_status of ClockNotSynchronising."""
    own, told = metric.labels, alert.name.lower()
    same = [key for key in own if key in _PLACE and own[key] == alert.labels.get(key)]
    words = [word for word in metric.name.lower().split("_") if word not in _SAYS_NOTHING]
    called = any(word in told for word in words if len(word) >= _TELLING)
    # A label can say of which kind of thing it is by its own name: the ups of UpsOnBattery.
    kinds = [key for key in own if key in words and key in told and own[key] == alert.labels.get(key)]
    return bool(kinds or (same and called)) and {value for _, value in metric.points} == {0.0, 1.0}


def _fellow_stays(found: Metric, facts: Facts) -> bool:
    """Of several states of one thing (a flag each), has another one turned meanwhile, and stays so?"""
    fellows = [m for m in facts.metrics if m.name == found.name and m is not found]
    alike = [m for m in fellows if sum(found.labels.get(key) != value for key, value in m.labels.items()) == 1]
    states = [m for m in alike if {value for _, value in m.points} == {0.0, 1.0}]
    return any(m.points[0][1] != m.last and _is_about_same(m, found, facts) for m in states)


def _is_about_same(one: Metric, other: Metric, facts: Facts) -> bool:
    """Do both carry whatever of the alert's labels either of them does?"""
    told = facts.case.alerts[0].labels if facts.case.alerts else {}
    return all(one.labels.get(key) == other.labels.get(key) for key in told)
