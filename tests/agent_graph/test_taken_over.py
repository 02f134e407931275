"""Whose work another took over, and who sleeps while nobody asks, is missed by nobody; whoever fell is missed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Container, Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.asleep import asleep
from agent_graph.analysts.rules.well.taken_over import taken_over
from tests.agent_graph.cases import BEGAN, NOW, alert, case

ENDED = BEGAN + timedelta(minutes=2)
SERVED = Sign("E5", "prometheus", "healthy", "strong", "backend_5xx: 0 → 0", "web", None, "as before")


def _line(message: str, at: float, label: str = "E2") -> LogLine:
    when = ENDED + timedelta(seconds=at)
    return LogLine(label, f"{when:%H:%M:%S} {message}", message, None, when, 1)


def _metric(called: str, *values: float) -> Metric:
    first = NOW.timestamp() - 60 * (len(values) - 1)
    points = [(first + 60 * n, value) for n, value in enumerate(values)]
    return Metric("E5", "other", f"{called}: {values[0]:g} → {values[-1]:g}", points, None, None)


def _blue(code: int = 143, asked: str = "kill signal=15", said: str = "web: 7 is green now, blue stays as fallback"):
    state = {"container": "web-blue", "of_target": True, "status": "exited", "exit_code": code}
    own = Container("E1", {**state, "finished_at": ENDED.isoformat()}, {"status": f"status: exited, exit code {code}"})
    told = alert(name="ContainerExited", annotations={"summary": f"web-blue exited with code {code}"})
    sessions = [
        _metric('sessions{server="blue"}', *[9] * 10, *[0] * 15),
        _metric('sessions{server="green"}', *[0] * 9, *[9] * 16),
    ]
    return Facts(
        case("web-blue", alerts=[told]),
        lines=[_line("SIGTERM (SignalException)", 0)],
        containers=[own],
        events=[_line(asked, -9, "E4"), _line(f"die exitCode={code}", 0, "E4")],
        metrics=sessions,
        signs=[SERVED],
        changes=[_line(f"deploy host/{said}", -600, "E6")],
    )


def _only(facts: Facts, which: str) -> Facts:
    return replace(facts, metrics=[metric for metric in facts.metrics if which in metric.line])


# name: what was seen, whether its successor does its work
SWITCHES: dict[str, tuple[Callable[[], Facts], bool]] = {
    "it was asked to end when it had nothing to do": (_blue, True),
    "it ended by itself": (lambda: _blue(asked="oom"), False),
    "it broke": (lambda: _blue(139), False),
    "nobody registered it": (lambda: replace(_blue(), changes=[]), False),
    "another service was switched": (lambda: _blue(said="shop: 7 is green now"), False),
    "nobody took its work over": (lambda: _only(_blue(), "blue"), False),
    "it says more than that it ends": (
        lambda: replace(_blue(), lines=[_line("fatal: segment lost", -2), _line("SIGTERM", 0)]),
        False,
    ),
    "nobody knows whether users are served": (lambda: replace(_blue(), signs=[]), False),
    "users are not served": (
        lambda: replace(_blue(), signs=[SERVED, replace(SERVED, category="trouble", quote="p99: 1 → 9")]),
        False,
    ),
}


@pytest.mark.parametrize("name", SWITCHES)
def test_who_was_stopped_after_its_work_went_to_another_is_not_missed(name: str):
    build, well = SWITCHES[name]
    assert (taken_over(build(), ["app_crash"]) is not None) is well


def test_moments_in_milliseconds_tell_nothing():
    facts = _blue()
    late = [replace(m, points=[(at * 1000, value) for at, value in m.points]) for m in facts.metrics]
    assert taken_over(replace(facts, metrics=late), ["app_crash"]) is None


UP, NOBODY = (0, 0, 1, 1, 0, 0, 0), (0, 0, 0, 0, 0, 0, 0)


def _zero(
    up: tuple[float, ...] = UP,
    asked: tuple[float, ...] = (0, 0, 5, 5, 0, 0, 0),
    failed: float = 0,
    *,
    at: str = "activator_request_count",
    key: str = "revision",
    changed: str = "",
) -> Facts:
    means = "deployment ocr is scaled to zero: it wants no replica, so nothing runs"
    wrong = Sign("E3", "kubernetes", "config_error", "strong", "deployment ocr: 0 of 0", "ocr", None, means)
    told = alert(name="DeploymentWithoutPods", annotations={"summary": "no available replicas for 15 minutes"})
    metrics = [
        _metric('deployment_replicas_available{deployment="ocr"}', *up),
        _metric(f'{at}:2xx{{{key}="ocr"}}', *asked),
        _metric(f'{at}:non2xx{{{key}="ocr"}}', *NOBODY[:-1], failed),
    ]
    changes = [_line(changed, -60, "E6")] if changed else []
    return Facts(case("ocr", alerts=[told]), metrics=metrics, signs=[wrong], changes=changes)


def _other_door() -> Facts:
    facts = _zero()
    doors = [replace(m, line=m.line.replace('revision="ocr"', 'revision="cart"')) for m in facts.metrics]
    return replace(facts, metrics=doors)


# name: what was seen, whether it only sleeps
ASLEEP: dict[str, tuple[Callable[[], Facts], bool]] = {
    "it wakes when it is asked": (_zero, True),
    "it woke twice, as its ingress is asked": (
        lambda: _zero((0, 1, 0, 0, 1, 0, 0), at="ingress_requests", key="service"),
        True,
    ),
    "it woke once, and nobody is known to wake it": (lambda: _zero(at="ingress_requests", key="service"), False),
    "it counts itself what it is asked": (
        lambda: _zero((0, 1, 0, 0, 1, 0, 0), at="app_requests:rate1m", key="pod"),
        False,
    ),
    "its own count is called like a door's": (lambda: _zero(at="gateway_requests", key="pod"), False),
    "another one's door": (lambda: _other_door(), False),
    "somebody scaled it away": (lambda: _zero(changed="values.yaml: ocr replicas 3 -> 0 (typo) by bob"), False),
    "somebody scaled something": (lambda: _zero(changed="helm upgrade prod: replicaCount 0"), False),
    "somebody changed it": (lambda: _zero(changed="deploy ocr: 1.2.4"), False),
    "somebody changed another": (lambda: _zero(changed="deploy cart: 1.2.4"), True),
    "it ran until somebody took it away": (lambda: _zero((1, 1, 1, 1, 0, 0, 0)), False),
    "it never came up": (lambda: _zero(NOBODY), False),
    "it is asked, and is not there": (lambda: _zero(asked=(0, 0, 5, 5, 0, 0, 4)), False),
    "it was never asked": (lambda: _zero(asked=NOBODY), False),
    "somebody was refused": (lambda: _zero(failed=3), False),
    "something else is wrong with its settings": (
        lambda: replace(_zero(), signs=[*_zero().signs, replace(_zero().signs[0], means="secret ocr is missing")]),
        False,
    ),
    "it was changed just before": (
        lambda: replace(_zero(), signs=[*_zero().signs, replace(_zero().signs[0], category="bad_deploy")]),
        False,
    ),
}


@pytest.mark.parametrize("name", ASLEEP)
def test_who_sleeps_while_nobody_asks_is_not_missing(name: str):
    build, well = ASLEEP[name]
    assert (asleep(build(), ["config_error"]) is not None) is well
