"""Who cannot tell says what to look at, and what contradicts what."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from backend.investigation.kinds import Evidence
from tests.agent_graph.cases import NOW, case, container, logs, metric

EARLY = logs(f"{NOW - timedelta(minutes=30):%Y-%m-%dT%H:%M:%SZ} INFO served 12")
LATE = logs(f"{NOW - timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ} INFO served 12")
SEEN: dict[str, tuple[list[Evidence], str, str]] = {
    "nothing at all": (
        [],
        "what web itself logs, its state as its platform or machine sees it and a measurement",
        "after",
    ),
    "a log that ends early": ([EARLY, container(Running=True, health="starting")], "its log after 02:40", "its state"),
    "all but a measurement": ([LATE, container(Running=True, health="starting")], "a measurement of it", "its log"),
    "all of it": ([LATE, container(Running=True, health="starting"), metric("cpu", 1, 2, 1)], "Not", "To settle"),
}


@pytest.mark.parametrize("name", SEEN)
def test_what_would_settle_it_is_said(name: str):
    evidence, said, unsaid = SEEN[name]
    found = analyse(case(), evidence)
    assert found.verdict == "inconclusive"
    assert said in found.root_cause
    assert unsaid not in found.root_cause
