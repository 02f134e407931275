"""What piles up began when it left its level, not when there was enough of it for an alert."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.onsets import began_by_measure
from agent_graph.analysts.rules.well.complaints import WAITED, began
from backend.investigation.kinds import Evidence
from tests.agent_graph.cases import BEGAN, alert, case


def _measured(values: list[float], **data: Any) -> Evidence:
    points = [[(BEGAN + timedelta(minutes=n - len(values) + 6)).timestamp(), v] for n, v in enumerate(values)]
    content: dict[str, Any] = {"series": [{"points": points}], "signs": [{"category": "trouble"}], **data}
    return Evidence(label="E2", source="prometheus", kind="metric", title="", query="", content="", data=content)


def _unready(minutes: int, weight: str = "strong") -> Evidence:
    at = (BEGAN - timedelta(minutes=minutes)).isoformat()
    signs = [{"category": "probe_failure", "weight": weight, "at": at}]
    return Evidence(
        label="E1", source="kubernetes", kind="state", title="", query="", content="", data={"signs": signs}
    )


CALM = [2.0, 0, 3, 1, 2, 0, 3, 2, 1, 2]
COURSES: dict[str, tuple[Evidence, int]] = {
    "a backlog grows until an alert fires": (_measured([*CALM, *(20.0 * n for n in range(1, 27))]), -20),
    "a step shortly before": (_measured([*CALM, *CALM, *([9.0] * 8)]), -3),
    "nothing of it is wrong": (_measured([*CALM, *([9.0] * 8)], signs=[]), 0),
    "it was not ready long before an alert waited for that": (_unready(22), -22),
    "not for certain": (_unready(22, "weak"), 0),
    "it has not been ready for days": (_unready(2 * 24 * 60), 0),
    "it is somebody else's": (_measured([*CALM, *([9.0] * 8)], own=False), 0),
}


@pytest.mark.parametrize("name", COURSES)
def test_trouble_began_when_its_measurement_left_its_level(name: str):
    found, minutes = COURSES[name]
    assert began_by_measure(case(), [found]) == BEGAN + timedelta(minutes=minutes)


OLD, WAITS, PLAIN = "documents are 24 minutes old", "no success for 25 minutes", "the index is stale"
# What the alert says, what is done a minute from half an hour before it on; and how many minutes before it it began.
TOLD: dict[str, tuple[str, list[float], float]] = {
    "as long as it says of its age": (OLD, [40] * 40, 25),
    "as long as it says that it waited": (WAITS, [40] * 40, 26),
    "as long as its work stands still": (PLAIN, [*[40.0] * 12, *[0.6] * 28], 18),
    "its work goes on": (PLAIN, [*[40.0] * 12, *[30.0] * 28], WAITED.total_seconds() / 60),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_piled_up_or_grew_old_began_before_it_was_told(name: str):
    summary, done, minutes = TOLD[name]
    first = BEGAN - timedelta(minutes=30)
    points = [((first + timedelta(minutes=n)).timestamp(), value) for n, value in enumerate(done)]
    metric = Metric("E3", "other", "events:rate1m{}", points, None, first + timedelta(minutes=12))
    told = case(alerts=[alert(annotations={"summary": summary})])
    assert began(Facts(told, metrics=[metric])) == BEGAN - timedelta(minutes=minutes)
