"""Two sides that differed are well once they are measured alike for a while; others, or a moment, are not enough."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.well.back_again import back_again
from tests.agent_graph.cases import BEGAN, NOW, alert, case

NAMED = {"zone": "a.example", "primary": "ns1", "secondary": "ns2"}
FIRST: list[float] = [3, 3, 3, *[4] * 12]
LATER: list[float] = [3, 3, 3, 3, 3, 3, *[4] * 9]
# what the alert is called, which labels it has, what the second side is called and tells, and whether that is over
SIDES: dict[str, tuple[str, dict[str, str], str, list[float], bool]] = {
    "alike again": ("SerialMismatch", NAMED, "ns2", LATER, True),
    "still behind": ("SerialMismatch", NAMED, "ns2", [*LATER[:6], *[3] * 9], False),
    "alike for a moment": ("SerialMismatch", NAMED, "ns2", [*[3] * 12, *[4] * 3], False),
    "never apart": ("SerialMismatch", NAMED, "ns2", FIRST, False),
    "a third side": ("SerialMismatch", NAMED, "ns3", LATER, False),
    "of another zone": ("SerialMismatch", NAMED | {"zone": "b.example"}, "ns2", LATER, False),
    "the alert names one side": ("SerialMismatch", {"zone": "a.example", "primary": "ns1"}, "ns2", LATER, False),
    "not about that they differ": ("ZoneSlow", NAMED, "ns2", LATER, False),
}


@pytest.mark.parametrize("name", SIDES)
def test_what_differed_is_well_once_both_sides_tell_the_same(name: str):
    called, labels, second, values, wanted = SIDES[name]
    metrics = [_metric("ns1", FIRST), _metric(second, values)]
    fired = alert(name=called, labels=labels, annotations={})
    found = back_again(Facts(case(alerts=[fired]), metrics=metrics))
    assert (found is not None) == wanted
    assert found is None or "alike on both sides" in found.statement


# What either side counts in the end: nothing, or hardly any of it, is what both have lost.
@pytest.mark.parametrize(("left", "wanted"), [(1000.0, True), (0.0, False), (12.0, False)])
def test_what_both_have_lost_is_not_well(left: float, wanted: bool):
    fired = alert(name="RowCountMismatch", labels=NAMED, annotations={})
    metrics = [_metric("ns1", [1100.0] * 6 + [left] * 9), _metric("ns2", [1100.0] * 9 + [left] * 6)]
    assert (back_again(Facts(case(alerts=[fired]), metrics=metrics)) is not None) == wanted


def test_sides_that_are_measured_no_more_are_not_alike():
    fired = alert(name="SerialMismatch", labels=NAMED, annotations={})
    metrics = [_metric("ns1", FIRST), _metric("ns2", LATER)]
    later = case(alerts=[fired], now=NOW + timedelta(hours=1))
    assert back_again(Facts(later, metrics=metrics)) is None


def test_all_other_sides_that_the_alert_names_must_be_alike():
    fired = alert(name="SerialMismatch", labels=NAMED | {"tertiary": "ns3"}, annotations={})
    metrics = [_metric("ns1", FIRST), _metric("ns2", LATER), _metric("ns3", [3.0] * 15)]
    assert back_again(Facts(case(alerts=[fired]), metrics=metrics[:2])) is not None
    assert back_again(Facts(case(alerts=[fired]), metrics=metrics)) is None


def _metric(server: str, values: list[float]) -> Metric:
    points = [(BEGAN.timestamp() + 60 * (n - 5), value) for n, value in enumerate(values)]
    line = f'dns_zone_serial{{server="{server}", zone="a.example"}}: 3 → {values[-1]:g}'
    return Metric("E1", "other", line, points, None, None)
