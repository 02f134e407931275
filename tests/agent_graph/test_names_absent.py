"""That a guessed name does not exist is an answer; that a name of ours does not, or that none is found, is trouble."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.well.all_well import all_well
from agent_graph.analysts.rules.well.names_absent import names_absent
from tests.agent_graph.cases import NOW, alert, case

GUESSED = '10.2.9.{who}:43164 - 57314 "A IN shop-login{n}.invalid. udp 45 false 1232" NXDOMAIN qr,rd,ra 145 0.015s'
ONE = GUESSED.replace("shop-login{n}", "orders")


def _metric(code: str, values: Sequence[float]) -> Metric:
    points = [(NOW.timestamp() - 300 * n, value) for n, value in enumerate(reversed(values))]
    line = f'dns_responses:rate1m{{rcode="{code}"}}: {values[0]:g} → {values[-1]:g}'
    return Metric("E5", "other", line, points[::-1], None, None)


def _facts(said: str = GUESSED, found: float = 500, fails: float = 0, clients: int = 1, told: str = "DNS") -> Facts:
    moments = [NOW - timedelta(seconds=20 * n) for n in range(40)]
    lines = [
        LogLine("E2", f"{at} {n}", said.format(n=n, who=10 + n % clients), "info", at, 1)
        for n, at in enumerate(moments)
    ]
    fires = alert(name="ErrorRatioHigh", annotations={"summary": f"{told} answers are not NOERROR"})
    absent = _metric("NXDOMAIN", (*[50.0] * 6, *[350.0] * 6))
    others = [_metric("NOERROR", (*[500.0] * 6, *[found] * 6)), _metric("SERVFAIL", (*[0.0] * 6, *[fails] * 6))]
    return replace(Facts(case(alerts=[fires])), metrics=[absent, *others], lines=lines)


def test_a_name_that_one_caller_guesses_is_answered():
    found = all_well(_facts(), [])
    assert found is not None
    assert "10.2.9.10" in found.statement
    assert "NXDOMAIN" in found.statement


@pytest.mark.parametrize(
    "facts",
    [
        # One name that was there is gone, many ask, fewer are found, questions fail; or it is about something else.
        _facts(ONE),
        _facts(clients=5),
        _facts(found=300),
        _facts(fails=40),
        _facts(told="Web"),
        replace(_facts(), lines=[]),
    ],
)
def test_names_that_somebody_needs_are_not_reasoned_away(facts: Facts):
    assert names_absent(facts, []) is None


def test_another_likely_explanation_stands():
    assert names_absent(_facts(), ["network_error"]) is None
