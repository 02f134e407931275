"""A version that was scaled to nothing is not missed where a change told who takes over, and that one works."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.retired import retired
from agent_graph.sources.kubernetes.state import evidence_of
from tests.agent_graph.cases import NOW, alert, case

SHIFT = "migration shop/places: CHG-7 places-v1 to places-v2, traffic shift and retirement"
ZERO = "deployment places-v1 is scaled to zero: it wants no replica, so nothing runs"
HEIR = {"name": "places-v2", "line": "deployment places-v2: 6 of 6 replicas ready"}


def _asked(*values: float, name: str = "upstream_rq_per_second") -> Metric:
    line = f'{name}{{cluster_name="places-v1"}}: {values[0]:g} → {values[-1]:g}'
    points = [(NOW.timestamp() - 60 * (len(values) - n), value) for n, value in enumerate(values)]
    return Metric("E5", "other", line, points, None, None)


def _facts(change: str = SHIFT, heir: str = "places-v2", **more: object) -> Facts:
    silent = alert(name="NoTraffic", labels={"alertname": "NoTraffic", "service": "places-v1"})
    at = NOW - timedelta(minutes=20)
    said = LogLine("E9", f"{at:%Y-%m-%dT%H:%M:%SZ} {change}", change, None, at, 1)
    zero = Sign("E3", "kubernetes", "config_error", "strong", "deployment places-v1: 0 of 0", "places-v1", None, ZERO)
    found = Facts(
        case(alerts=[silent]), signs=[zero], changes=[said], metrics=[_asked(*[90.0] * 15, 40, 9, *[0.0] * 9)]
    )
    return replace(found, **{"platform": {"whole": [{**HEIR, "name": heir}]}, **more})


@pytest.mark.parametrize(
    ("facts", "well"),
    [
        (_facts(), True),
        # Data goes from one to the other, and something else is retired; it was taken back.
        (_facts("migration shop/places: new feed places-v1 to places-v2; the nightly dump is retired"), False),
        (_facts("migration shop: TLS 1.0 no longer used from places-v1 to places-v2"), False),
        (_facts(f"{SHIFT}; rolled back"), False),
        # The change only speaks of retirement; it hands over the other way; its heir is another, or none works.
        (_facts("migration shop/places: places-v1 was looked at, retirement later"), False),
        (_facts("migration shop/places: CHG-7 places-v2 to places-v1, traffic shift and retirement"), False),
        (_facts(heir="places-v3"), False),
        (_facts(platform={}), False),
        # It is still asked, or was cut off before anybody took over.
        (_facts(metrics=[_asked(*[90.0] * 15, 40, 9, *[2.0] * 9)]), False),
        (_facts(metrics=[_asked(*[90.0] * 3, *[0.0] * 23)]), False),
        # Nothing tells whether anybody asks for it.
        (_facts(metrics=[_asked(*[90.0] * 15, 40, 9, *[0.0] * 9, name="memory_bytes")]), False),
    ],
)
def test_who_was_relieved_as_registered_is_asked_no_more(facts: Facts, well: bool):
    found = retired(facts, ["config_error"])
    assert (found is not None) == well


def test_trouble_of_another_kind_is_not_reasoned_away():
    assert retired(_facts(), ["config_error", "certificate_expired"]) is None


@pytest.mark.parametrize(("ready", "whole"), [(6, ["places-v2"]), (5, [])])
def test_the_cluster_says_which_others_are_whole(ready: int, whole: list[str]):
    status = {"replicas": 6, "readyReplicas": ready}
    other = {"kind": "Deployment", "metadata": {"name": "places-v2"}, "spec": {"replicas": 6}, "status": status}
    (found,) = evidence_of(case(), [other], "test")
    assert [one["name"] for one in found.data.get("whole", [])] == whole
