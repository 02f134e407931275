"""What piles up began when it left its level, not when there was enough of it for an alert."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.onsets import began_by_measure
from backend.investigation.kinds import Evidence
from tests.agent_graph.cases import BEGAN, case


def _measured(values: list[float], **data: Any) -> Evidence:
    points = [[(BEGAN + timedelta(minutes=n - len(values) + 6)).timestamp(), v] for n, v in enumerate(values)]
    content: dict[str, Any] = {"series": [{"points": points}], "signs": [{"category": "trouble"}], **data}
    return Evidence(label="E2", source="prometheus", kind="metric", title="", query="", content="", data=content)


CALM = [2.0, 0, 3, 1, 2, 0, 3, 2, 1, 2]
COURSES: dict[str, tuple[Evidence, int]] = {
    "a backlog grows until an alert fires": (_measured([*CALM, *(20.0 * n for n in range(1, 27))]), -20),
    "a step shortly before": (_measured([*CALM, *CALM, *([9.0] * 8)]), -3),
    "nothing of it is wrong": (_measured([*CALM, *([9.0] * 8)], signs=[]), 0),
    "it is somebody else's": (_measured([*CALM, *([9.0] * 8)], own=False), 0),
}


@pytest.mark.parametrize("name", COURSES)
def test_trouble_began_when_its_measurement_left_its_level(name: str):
    found, minutes = COURSES[name]
    assert began_by_measure(case(), [found]) == BEGAN + timedelta(minutes=minutes)
