"""A share that fell, as its alert says, is not answered by what is well besides."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.too_little import too_little
from agent_graph.analysts.rules.well.wellness import recovered
from agent_graph.logs.lines import Level
from agent_graph.sources.measures import measures_of
from agent_graph.sources.metric_evidence import evidence_of
from agent_graph.sources.series import Series
from backend.investigation.kinds import AlertFact
from tests.agent_graph.cases import BEGAN, NOW, alert, case, container

FIRST = BEGAN - timedelta(minutes=60)


def _alert(says: str) -> AlertFact:
    return alert(name="ShareAlert", annotations={"summary": says})


def _series(name: str, before: float, since: float, *, back: bool = False) -> Metric:
    """Minute by minute, with a little up and down; it falls twelve minutes before the alert."""
    moments = [FIRST + timedelta(minutes=minute) for minute in range(71)]
    fell = BEGAN - timedelta(minutes=12)
    again = BEGAN + timedelta(minutes=4) if back else None
    points = [
        (at.timestamp(), (since if fell <= at and (again is None or at < again) else before) * (1 - 0.002 * (n % 3)))
        for n, at in enumerate(moments)
    ]
    return Metric("E2", "other", f"{name}: {before} → {since}", points, None, None)


# What the alert says, the series, whether that is too little
SHARES: dict[str, tuple[str, Metric, bool]] = {
    "twice as many are declined": ("approval rate dropped", _series("cards_approval_ratio", 0.92, 0.84), True),
    "in percent": ("delivery is below 95 %", _series("mail_delivered_percent", 99.0, 93.0), True),
    "hardly more fail than before": ("approval rate dropped", _series("cards_approval_ratio", 0.92, 0.89), False),
    "it is back": ("approval rate dropped", _series("cards_approval_ratio", 0.92, 0.84, back=True), False),
    "nobody says that it is too little": ("approval is odd", _series("cards_approval_ratio", 0.92, 0.84), False),
    "a cache fills by itself": ("hit ratio dropped", _series("cache_hit_ratio", 0.95, 0.80), False),
    "a reserve is there to be used": ("budget dropped", _series("retry_budget_ratio", 0.98, 0.70), False),
    "no share": ("temperature dropped", _series("room_celsius", 0.92, 0.84), False),
    "never was most of it": ("conversion dropped", _series("shop_conversion_ratio", 0.030, 0.029), False),
}


@pytest.mark.parametrize("name", SHARES)
def test_a_share_that_fell_is_too_little(name: str):
    says, metric, less = SHARES[name]
    facts = replace(Facts(case(alerts=[_alert(says)])), metrics=[metric])
    assert (too_little(facts) is not None) == less


@pytest.mark.parametrize("says", ["approval rate dropped", "approval is odd"])
def test_what_stands_open_for_too_little_is_done_stays_open(says: str):
    told = case(alerts=[_alert(says)])
    points = _series("cards_approval_ratio", 0.92, 0.84).points
    measured = evidence_of(told, measures_of(told, [Series({"__name__": "cards_approval_ratio"}, points)]), BEGAN, NOW)
    draft = analyse(told, [*measured, container(Running=True, health="healthy")])
    less = "dropped" in says
    assert draft.verdict == ("inconclusive" if less else "not_an_incident")
    assert not draft.unsettled


@pytest.mark.parametrize(("back", "over"), [(False, False), (True, True)])
def test_a_log_that_is_calm_again_does_not_bring_back_what_is_missing(back: bool, over: bool):
    told = case(alerts=[_alert("approval rate dropped")])
    lines = [
        _line("ERROR card declined", 8, "error"),
        *(_line(f"order {n} paid", 5 - n / 2, "info") for n in range(10)),
    ]
    steady = replace(_series("latency", 0.3, 0.3), role="latency")
    healthy = [_sign(f"steady {n}") for n in range(2)]
    share = _series("cards_approval_ratio", 0.92, 0.60, back=back)
    facts = replace(Facts(told), metrics=[share, steady], lines=lines, signs=healthy)
    assert (recovered(facts) is not None) is over


def _line(text: str, minutes_ago: float, level: Level) -> LogLine:
    return LogLine("E3", text, text, level, NOW - timedelta(minutes=minutes_ago), 1)


def _sign(text: str) -> Sign:
    return Sign("E4", "prometheus", "healthy", "strong", text, text, None, text)
