"""A check that asks in a way nobody else does tells nothing of those who ask in theirs."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.sources.changes import evidence_of as changes_of
from agent_graph.sources.measures import measures_of
from agent_graph.sources.metric_evidence import evidence_of as metrics_of
from agent_graph.sources.series import Series
from backend.investigation.kinds import Evidence
from tests.agent_graph.cases import BEGAN, NOW, alert, case, down, history, logs, monitor, up

ECHO = "4 packets transmitted, 0 received, 100% packet loss"
SERVED = '10.1.1.{n} - - [21/Nov/2026:03:09:00 +0000] "GET / HTTP/1.1" {status} 512'


def _points(values: Sequence[float]) -> list[tuple[float, float]]:
    return [(NOW.timestamp() - 60 * (len(values) - n), value) for n, value in enumerate(values)]


def _probe(values: Sequence[float], **labels: str) -> list[Evidence]:
    found = metrics_of(case(), measures_of(case(), [Series(labels, _points(values))]), BEGAN, NOW)
    return [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(found, start=5)]


def _log(status: int = 200) -> Evidence:
    at = [NOW - timedelta(seconds=15 * n) for n in reversed(range(40))]
    return logs(*(f"{t:%Y-%m-%dT%H:%M:%SZ} {SERVED.format(n=n, status=status)}" for n, t in enumerate(at)))


def _gate() -> Evidence:
    rows = [
        {
            "ts": (BEGAN - timedelta(minutes=1)).isoformat(),
            "kind": "config",
            "target": "edge-fw",
            "summary": "firewall: drop echo",
        }
    ]
    return changes_of(case(), rows, "changes")[0].model_copy(update={"label": "E9"})


PAGE = _probe([1] * 30, __name__="probe_success", job="blackbox-http", instance="https://web")
NO_PAGE = _probe([1] * 20 + [0] * 10, __name__="probe_success", job="blackbox-http", instance="https://web")
WAYS: dict[str, tuple[str, str, list[Evidence], bool]] = {
    "a page is served": ("ping", ECHO, [_log(), *PAGE], True),
    "a page is served, the check is of another kind": ("http", "connection refused", [_log(), *PAGE], False),
    "no page either": ("ping", ECHO, [_log(), *NO_PAGE], False),
    "nobody is seen being served": ("ping", ECHO, [*PAGE], False),
    "everybody is turned away": ("ping", ECHO, [_log(503), *PAGE], False),
}


RESOLVER = "getaddrinfo EAI_AGAIN shop.example.com: Temporary failure in name resolution"
UP = _probe([1] * 30, __name__="up", job="web", instance="web:9100")
TALKS, CHECKED = "INFO scheduler tick {n}", SERVED + ' "-" "kube-probe/1.30"'
# What the log says every quarter of a minute; and whether the prober's resolver is the trouble.
RESOLVED: dict[str, tuple[str, bool]] = {
    "others are served": (SERVED, True),
    "it goes on talking": (TALKS, False),
    "only checks from within are served": (CHECKED, False),
    "others are turned away": (SERVED.replace("{status}", "503"), False),
}


def _said(line: str) -> Evidence:
    at = [NOW - timedelta(seconds=15 * n) for n in reversed(range(40))]
    return logs(*(f"{t:%Y-%m-%dT%H:%M:%SZ} {line.format(n=n, status=200)}" for n, t in enumerate(at)))


@pytest.mark.parametrize("name", RESOLVED)
def test_a_name_that_cannot_be_resolved_is_the_probers_trouble_only_where_others_are_served(name: str):
    line, well = RESOLVED[name]
    checks = [down(RESOLVER, minutes_ago=n) for n in range(1, 10)] + [up(minutes_ago=n) for n in range(10, 20)]
    watched = monitor(*checks)
    found = analyse(case(monitor=watched), [history(watched), _said(line), *UP])
    assert ("the prober itself" in found.root_cause) is well
    assert (found.verdict == "not_an_incident") is well


FAILS, SUCCEEDS = [1] * 20 + [0] * 10, [1] * 30
# Which probe fails; and whether it only asks for echoes.
PROBES: dict[str, tuple[dict[str, str], bool]] = {
    "by its job": ({"job": "blackbox-icmp", "instance": "web"}, True),
    "by its module": ({"job": "blackbox", "module": "icmp_ipv4", "instance": "web"}, True),
    "a path that is called so": ({"job": "blackbox", "module": "http_2xx", "instance": "https://web/ping"}, False),
    "a service that is called so": ({"job": "ping-api", "instance": "https://web/"}, False),
}


@pytest.mark.parametrize("name", PROBES)
def test_an_echo_is_told_by_who_asks_for_it_not_by_what_is_asked_for(name: str):
    labels, well = PROBES[name]
    series = [Series({"__name__": "probe_success", **labels}, _points(FAILS))]
    series += [
        Series({"__name__": "probe_success", "job": "blackbox", "instance": f"https://web/{n}"}, _points(SUCCEEDS))
        for n in "ab"
    ]
    told = case(alerts=[alert(name="ProbeFailed")])
    found = metrics_of(told, measures_of(told, series), BEGAN, NOW)
    seen = [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(found, start=5)]
    report = analyse(told, [_log(), *seen])
    assert ("answers no pings" in report.root_cause) is well
    assert (report.verdict == "not_an_incident") is well


@pytest.mark.parametrize("way", WAYS)
def test_echoes_that_are_kept_back_harm_nobody_who_is_served(way: str):
    kind, error, seen, well = WAYS[way]
    checks: list[Any] = [down(error, minutes_ago=n) for n in range(1, 10)] + [up(minutes_ago=n) for n in range(10, 20)]
    watched = monitor(*checks).model_copy(update={"type": kind})
    found = analyse(case(monitor=watched), [history(watched), *seen, _gate()])
    assert (found.verdict == "not_an_incident") is well
    assert not well or "firewall: drop echo" in found.root_cause
