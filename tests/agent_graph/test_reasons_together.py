"""Newer reasons for which all is well, asked with all others: none survives new complaints, trouble or what is sure."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.ranking import Ranked
from agent_graph.analysts.rules.well.all_well import all_well
from tests.agent_graph import test_counted_before, test_portable, test_renamed, test_there_already
from tests.agent_graph.cases import NOW

REASONS: dict[str, Facts] = {
    "goes on under another name": test_renamed.BY_VALUE["the work goes on by the new name"][0],
    "asks for all that was ever counted": test_counted_before.CASES["it was counted in what is over"][0],
    "refuses to store it twice": test_there_already.CASES["as many more are answered well"][0],
    "somebody's own device": test_portable.CASES["a laptop is closed"][0],
}


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_is_not_believed_against_what_it_does_not_explain(reason: str):
    facts = REASONS[reason]
    found = all_well(facts, [])
    assert found is not None
    assert reason in found.statement
    said = [f"ERROR order {n} is lost" for n in range(20)]
    new = [LogLine("E4", text, text, "error", NOW - timedelta(seconds=15 * n), 1) for n, text in enumerate(said)]
    assert all_well(replace(facts, lines=[*facts.lines, *reversed(new)]), []) is None
    at = NOW - timedelta(minutes=15)
    lost = Sign("E9", "kubernetes", "trouble", "strong", "two volumes are lost", "web", at, "two volumes are lost")
    assert all_well(replace(facts, signs=[lost, *facts.signs]), []) is None
    sure = Finding("oom", "it was killed", [], "proof", onset=NOW - timedelta(minutes=1))
    assert all_well(facts, [Ranked(sure, "confirmed", None)]) is None
