"""Good news says what was going on; and what comes back every few minutes has not recovered."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.sources.changes import evidence_of as changes_of
from backend.investigation.kinds import Evidence
from tests.agent_graph.cases import BEGAN, NOW, alert, case, container, logs, metric

ABOUT = alert(labels={"alertname": "Absent", "name": "web", "rack": "B4"})


def _change(hours: float, kind: str, target: str, summary: str) -> Evidence:
    rows = [{"ts": (BEGAN - timedelta(hours=hours)).isoformat(), "kind": kind, "target": target, "summary": summary}]
    return changes_of(case(), rows, "changes")[0].model_copy(update={"label": "E7"})


TOLD: dict[str, tuple[Evidence, bool]] = {
    "work on what watches it": (_change(0.2, "maintenance", "monitoring/thanos", "Thanos 0.36 -> 0.37, gaps"), True),
    "announced for the hour": (_change(60, "announcement", "core", "switch reload Saturday 02:45-03:15"), True),
    "announced for a part that the alert names": (_change(60, "announcement", "rack B4", "power work tonight"), True),
    "a job at that time": (_change(0.1, "job", "tools/price-reload", "new list loaded, cache flushed"), True),
    "a deploy of something else": (_change(0.2, "deploy", "mailer", "mailer 2.1 -> 2.2"), False),
    "announced for another hour": (_change(60, "announcement", "core", "switch reload Saturday 14:00-14:30"), False),
    "done too long ago": (_change(5, "job", "tools/price-reload", "new list loaded"), False),
}


@pytest.mark.parametrize("name", TOLD)
def test_good_news_tells_what_was_going_on(name: str):
    change, told = TOLD[name]
    good = [container(Running=True, health="healthy"), metric("up", *[1] * 20)]
    found = analyse(case(alerts=[ABOUT]), [*good, logs("INFO served"), change])
    assert found.verdict == "not_an_incident"
    assert ("At that time" in found.root_cause) is told


@pytest.mark.parametrize(("bursts", "well"), [((29, 18, 7), False), ((29, 28, 27), True)])
def test_what_came_back_at_its_own_pace_is_not_over_yet(bursts: tuple[int, ...], well: bool):
    lines = [
        f"{NOW - timedelta(minutes=at) + timedelta(seconds=n):%Y-%m-%dT%H:%M:%SZ} ERROR worker lost its session"
        for at in bursts
        for n in range(4)
    ]
    calm = [f"{NOW - timedelta(minutes=at):%Y-%m-%dT%H:%M:%SZ} INFO job {at} done" for at in range(30)]
    told = case(alerts=[alert()], started_at=NOW - timedelta(minutes=28))
    found = analyse(told, [container(Running=True, health="healthy"), logs(*sorted([*lines, *calm]))])
    assert (found.verdict == "not_an_incident") is well
