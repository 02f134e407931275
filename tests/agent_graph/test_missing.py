"""Who cannot tell says what to look at, and what contradicts what."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.context.missing import loudest, missing
from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.reading import read
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


def test_what_it_complains_of_most_is_said_where_nobody_knows_what_it_means():
    once, often = "ERROR the cellar is damp", "ERROR the ledger is not even"
    lines = [f"{NOW - timedelta(minutes=9 - n):%Y-%m-%dT%H:%M:%SZ} {often if n else once}" for n in range(4)]
    assert loudest(read(case(), [logs(*lines)])).endswith("UTC: ERROR the ledger is not even.")
    assert not loudest(read(case(), [LATE]))


def _measured(*minutes_ago: float) -> Metric:
    points = [((NOW - timedelta(minutes=ago)).timestamp(), 1.0) for ago in minutes_ago]
    return Metric("E3", "other", "up: 1 → 1", points, None, None)


WHOLE = _measured(*range(60, 0, -1))
TORN = _measured(*range(60, 45, -1), *range(12, 0, -1))
# name: what is measured, is it told that most of it pauses
PAUSES: dict[str, tuple[list[Metric], bool]] = {
    "all pause at once": ([TORN, TORN], True),
    "most of them": ([TORN, TORN, WHOLE], True),
    "one alone": ([TORN, WHOLE, WHOLE], False),
    "none": ([WHOLE, WHOLE], False),
    "each at its own time": ([TORN, _measured(*range(60, 40, -1), *range(5, 0, -1)), WHOLE, WHOLE], False),
    "long before": ([_measured(*range(140, 120, -1), *range(90, 0, -1))], False),
    "as seldom as ever": ([_measured(60, 45, 30, 15, 0)], False),
}


@pytest.mark.parametrize("name", PAUSES)
def test_a_time_of_which_hardly_anything_was_measured_is_told(name: str):
    metrics, told = PAUSES[name]
    assert ("between 02:24 UTC and 02:58 UTC" in missing(Facts(case(), metrics=metrics))) == told
