"""One failed request among the same that are served says nothing of a cause; several, or of another kind, do."""

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.lone import outvoted
from agent_graph.analysts.rules.reading import read
from tests.agent_graph.cases import case, logs

FAILED = "[error] POST /v1/entries 503 30002ms upstream timeout"
OTHER = "[error] POST /v1/refunds 503 30002ms upstream timeout"
SERVED = "[info] POST /v1/entries 201 8ms"

# name: lines in their order, whether the complaint is outvoted
LONE: dict[str, tuple[tuple[str, ...], bool]] = {
    "served before and after": ((SERVED, FAILED, SERVED), True),
    "served only before": ((SERVED, FAILED), False),
    "only another kind is served": ((SERVED, OTHER, SERVED), False),
    "it fails twice": ((SERVED, FAILED, FAILED, SERVED), False),
}


def _facts(lines: tuple[str, ...]) -> Facts:
    return read(case(), [logs(*lines).model_copy(update={"label": "E1"})])


def _complaints(facts: Facts) -> list[LogLine]:
    return [line for line in facts.lines if "[error]" in line.text]


@pytest.mark.parametrize("name", LONE)
def test_a_lone_failure_is_outvoted(name: str):
    lines, wanted = LONE[name]
    facts = _facts(lines)
    assert (outvoted(_complaints(facts), facts) is not None) == wanted
