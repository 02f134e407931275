"""Callers that find nobody while a container is replaced are no incident; those that go on finding nobody are."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.sources.changes import evidence_of as changes_of
from tests.agent_graph.cases import BEGAN, alert, case, container
from tests.agent_graph.test_judgement import log

REFUSED = "[error] connect() failed (111: Connection refused) while connecting to upstream http://web:9000"
SERVED = [(minute, "GET /guides 200") for minute in range(-15, 10)]
RUNS = container(Running=True, health="healthy", label="E5")


@pytest.mark.parametrize(
    ("refused", "state", "served", "well"),
    [
        ((-3.9, -3.5, -3.1), RUNS, SERVED, True),
        ((-3.9, -3.5, 2.0), RUNS, SERVED, False),
        ((-3.9, -3.5, -3.1), RUNS, SERVED[:13], False),
        ((-3.9, -3.5, -3.1), container(Running=True, health="unhealthy", label="E5"), SERVED, False),
        ((-3.9, -3.5, -3.1), container(Running=True, restarts=4, label="E5"), SERVED, False),
        ((-9.0, -8.5), RUNS, SERVED, False),
    ],
)
def test_what_a_replacement_takes_is_over_with_it(
    refused: tuple[float, ...], state: object, served: list[tuple[float, str]], well: bool
):
    at = BEGAN - timedelta(minutes=4)
    row = {"ts": at.isoformat(), "kind": "deploy", "target": "web", "summary": "5.2.7 -> 5.2.8"}
    (change,) = changes_of(case(), [row], "changes")
    proxy = log(*served, *[(minute, REFUSED) for minute in refused], label="E2", speaker="proxy", own=False)
    own = log((-4, "NOTICE: exiting, bye-bye!"), (-3.9, "NOTICE: ready to handle connections"), label="E1")
    told = case(alerts=[alert(name="ContainerKilled")])
    found = analyse(told, [own, proxy, change.model_copy(update={"label": "E3"}), state])  # type: ignore[list-item]
    assert ("only while it was replaced" in found.root_cause) is well
    assert not well or found.verdict == "not_an_incident"
