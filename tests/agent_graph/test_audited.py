"""Who was asked to try the doors is refused on purpose, and nobody else may be refused beside them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Container, Facts, LogLine
from agent_graph.analysts.rules.well.audited import audited
from tests.agent_graph.cases import NOW, alert, case

PLAN = "announcement 10.0.0.0/8: infosec: Nessus run 21 Nov 02:30-06:00 UTC from 10.99.0.20"
TRIED = '10.99.0.20 FATAL: password authentication failed for user "sa"'


def _line(message: str, minutes: float = 0) -> LogLine:
    at = NOW + timedelta(minutes=minutes)
    level = "fatal" if "FATAL" in message else None
    return LogLine("E2", f"{at:%Y-%m-%dT%H:%M:%SZ} {message}", message, level, at, 1)


def _facts(plan: str = PLAN, health: str = "healthy", others: int = 0, restarts: int = 0) -> Facts:
    state = {"container": "db", "of_target": True, "running": True, "restart_count": restarts, "health": health}
    target = Container("E1", state, {"status": "status: running", "health": "health: healthy"})
    tries = [_line(TRIED, -n / 4) for n in range(20)]
    tries += [_line('10.1.1.7 FATAL: password authentication failed for user "shop"', -n / 4) for n in range(others)]
    found = Facts(case(alerts=[alert()]), containers=[target], lines=tries)
    return replace(found, changes=[_line(plan, -3 * 24 * 60)])


def _named(plan: str = "scan nessus: weekly vulnerability scan of shop from 10.9.0.4, 21 Nov 02:30-06:00") -> Facts:
    said = 'FATAL: password authentication failed for user "nessus" host=185.220.101.{}'
    found = _facts(plan)
    return replace(found, lines=[_line(said.format(n), -n / 4) for n in range(45)], changes=[_line(plan, -60)])


def test_a_scan_that_was_announced_by_day_and_hour_is_refused_on_purpose():
    found = audited(_facts(), ["permission_denied", "app_crash"])
    assert found is not None
    assert "10.99.0.20" in found.statement


@pytest.mark.parametrize(
    "facts",
    [
        # Our own are refused, too; it is not seen to be well, or it fell.
        _facts(others=8),
        _facts(health="none"),
        _facts(restarts=1),
        # Another day, over, called off, from elsewhere, or by who is scanned and not by who scans.
        _facts(PLAN.replace("21 Nov", "14 Nov")),
        _facts(PLAN.replace("02:30-06:00", "01:00-02:30")),
        _facts(f"{PLAN}, postponed"),
        _facts(PLAN.replace("10.99.0.20", "10.99.0.2")),
        # Another one who calls himself so.
        _named(),
        _named("security nessus: vulnerability scan of shop 02:30-06:00 UTC"),
        _facts(PLAN.replace(" from 10.99.0.20", " of 10.0.0.0/8")),
    ],
)
def test_whatever_does_not_hold_of_the_announcement_leaves_it_open(facts: Facts):
    assert audited(facts, ["permission_denied"]) is None


SCAN = "scan gateway: weekly authorized application scan from 10.99.0.20 (02:30-06:00 UTC)"
LIMITED = '{} - - [21/Nov/2026:03:05:00 +0000] "GET /api/v1/stock HTTP/1.1" 429 41 "-" "scanner/7.2"'


@pytest.mark.parametrize(("others", "well"), [(0, True), (8, False)])
def test_a_registered_scan_may_run_into_the_limit_alone(others: int, well: bool):
    callers = ["10.99.0.20"] * 20 + ["203.0.113.9"] * others
    lines = [_line(LIMITED.format(who), -n / 4) for n, who in enumerate(callers)]
    found = audited(replace(_facts(SCAN), lines=lines, changes=[_line(SCAN, -40)]), ["rate_limited"])
    assert (found is not None) == well


def test_trouble_of_another_kind_is_not_reasoned_away():
    assert audited(_facts(), ["permission_denied", "oom"]) is None
