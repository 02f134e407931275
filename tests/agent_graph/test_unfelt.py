"""A helper's throttling is nobody's trouble until somebody feels it; good news that ended early is no news."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.silent import fell_silent
from agent_graph.analysts.rules.well.unfelt import unfelt
from backend.investigation.kinds import Category
from tests.agent_graph.cases import BEGAN, NOW, alert, case

THROTTLED: list[Category] = ["cpu_throttling"]
READY = Sign("E3", "kubernetes", "healthy", "strong", "pod web-1: 2/2 containers ready", "web-1", None, "ready")
LATE = Sign("E4", "prometheus", "trouble", "strong", "p99: 0.2 → 1.9", "p99", BEGAN, "slower")
KILLED = Sign("E3", "kubernetes", "oom", "proof", "container web: OOMKilled", "web-1", BEGAN, "killed")


def _metric(role: str, value: float, minutes: float = 10) -> Metric:
    at = (BEGAN + timedelta(minutes=minutes)).timestamp()
    return Metric("E2", role, f"{role} {value}", [(at - 60, value), (at, value)], 1.0, None)


# name: severity, container that is named, how much it and another are held back, what else is seen; is it well
NOTICES: dict[str, tuple[str, str, list[float], list[Sign], bool]] = {
    "a reloader": ("info", "config-reloader", [0.42], [], True),
    "a log shipper, the workload beside it": ("info", "", [0.35, 0.0], [], True),
    "its proxy, and it answers late": ("info", "istio-proxy", [0.42], [LATE], False),
    "more than a notice": ("warning", "config-reloader", [0.42], [], False),
    "the workload itself": ("info", "web", [0.42], [], False),
    "the workload by a plain name": ("info", "app", [0.42], [], False),
    "it hardly runs": ("info", "config-reloader", [0.9], [], False),
    "killed": ("info", "config-reloader", [0.42], [KILLED], False),
}


@pytest.mark.parametrize("name", NOTICES)
def test_throttling_that_nobody_feels(name: str):
    severity, container, shares, signs, well = NOTICES[name]
    labels = {"alertname": "CPUThrottlingHigh", "severity": severity, "pod": "web-1", "container": container}
    metrics = [_metric("cpu_throttled", share) for share in shares]
    facts = replace(Facts(case(alerts=[alert(labels=labels)])), metrics=metrics, signs=[READY, *signs])
    assert (unfelt(facts, THROTTLED) is not None) == well


# name: how much it is held back, minutes until half of what a run takes is over, is it well
RUNS: dict[str, tuple[float, float, bool]] = {
    "on time, a little": (0.42, 20, True),
    "on time, mostly, and it has just begun": (0.9, 20, False),
    "on time, mostly, and far on": (0.9, -5, True),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_that_is_measured_to_be_on_time_is_not_late(name: str):
    share, minutes, well = RUNS[name]
    labels = {"alertname": "CPUThrottlingHigh", "severity": "info", "pod": "web-1", "container": "web"}
    run = Sign("E3", "kubernetes", "on_time", "weak", "job web-1 goes on", "web-1", NOW, "job web-1 goes on")
    signs = [READY, replace(run, at=NOW + timedelta(minutes=minutes))]
    facts = Facts(case(alerts=[alert(labels=labels)]), metrics=[_metric("cpu_throttled", share)], signs=signs)
    assert (unfelt(facts, THROTTLED) is not None) == well
    assert unfelt(replace(facts, signs=[*signs, LATE]), THROTTLED) is None


# Minutes after the beginning at which the log and what is always measured end: is it silent?
ENDS = {(-25.0, -25.0): True, (10.0, -25.0): False, (-25.0, 10.0): False, (-3.0, -3.0): False}


@pytest.mark.parametrize("ends", ENDS)
def test_telemetry_that_ended_before_the_trouble_says_nothing_of_it(ends: tuple[float, float]):
    log, up = ends
    line = LogLine("E1", "served", "served", "info", BEGAN + timedelta(minutes=log), 1)
    facts = replace(Facts(case()), lines=[line], heard_until=line.at, metrics=[_metric("up", 1, up)])
    assert fell_silent(facts) == ENDS[ends]


# What else is measured, as role, name and value, and whether its platform of measurements calls it as ever; is it well
MEASURED: dict[str, tuple[list[tuple[str, str, float]], bool, bool]] = {
    "it is no later, and nothing is lost": (
        [("latency", "shipping_delay_seconds:p99", 1.4), ("other", "output_dropped_total", 0)],
        True,
        True,
    ),
    "something is lost": (
        [("latency", "shipping_delay_seconds:p99", 1.4), ("other", "output_dropped_total", 4)],
        True,
        False,
    ),
    "how late it is changed": (
        [("latency", "shipping_delay_seconds:p99", 1.4), ("other", "output_dropped_total", 0)],
        False,
        False,
    ),
    "nothing says what is lost": ([("latency", "shipping_delay_seconds:p99", 1.4)], True, False),
}


@pytest.mark.parametrize("name", MEASURED)
def test_a_workload_that_is_measured_to_be_in_time_is_not_held_back(name: str):
    rows, as_ever, well = MEASURED[name]
    labels = {"alertname": "CPUThrottlingHigh", "severity": "info", "pod": "web-1", "container": "web"}
    more = [replace(_metric(role, value), line=f"{called}: {value}") for role, called, value in rows]
    good = [Sign("E2", "prometheus", "healthy", "strong", m.line, "", None, "as before") for m in more if as_ever]
    metrics = [_metric("cpu_throttled", 0.42), *more]
    facts = Facts(case(alerts=[alert(labels=labels)]), metrics=metrics, signs=[READY, *good])
    assert (unfelt(facts, THROTTLED) is not None) == well


# How severe it is called, is its queue as ever, what was lost, what goes out at first and at last; is it well
HANDED_ON: dict[str, tuple[str, bool, float, tuple[float, float], bool]] = {
    "nothing waits, nothing is lost, more goes out": ("warning", True, 0, (2100, 5200), True),
    "it waits": ("warning", False, 0, (2100, 5200), False),
    "some is lost": ("warning", True, 3, (2100, 5200), False),
    "less goes out": ("warning", True, 0, (2100, 1200), False),
    "somebody calls it critical": ("critical", True, 0, (2100, 5200), False),
}


@pytest.mark.parametrize("name", HANDED_ON)
def test_who_hands_all_on_as_it_comes_is_not_held_back(name: str):
    severity, as_ever, lost, (before, since), well = HANDED_ON[name]
    labels = {"alertname": "ContainerThrottled", "severity": severity, "pod": "web-1", "container": "web"}
    queue = replace(_metric("queue", 40), line="otelcol_exporter_queue_size{}: 40")
    failed = replace(_metric("other", lost), line=f"otelcol_exporter_enqueue_failed_spans_total{{}}: {lost}")
    sent = replace(_metric("other", since), line=f"otelcol_exporter_sent_spans_total{{}}: {before} → {since}")
    sent = replace(sent, points=[(sent.points[0][0], before), (sent.points[1][0], since)])
    good = [Sign("E2", "prometheus", "healthy", "strong", queue.line, "", None, "as before")] if as_ever else []
    told = Facts(case(alerts=[alert(labels=labels)]), metrics=[_metric("cpu_throttled", 0.42), queue, failed, sent])
    assert (unfelt(replace(told, signs=[READY, *good]), THROTTLED) is not None) == well
    late = replace(_metric("latency", 9), line="http_seconds:p99{}: 9")
    assert unfelt(replace(told, signs=[READY, *good], metrics=[*told.metrics, late]), THROTTLED) is None
