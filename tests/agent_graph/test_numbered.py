"""An error that tells only its number says where its reason is written, and not what it is."""

from dataclasses import replace

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.numbered import numbered
from tests.agent_graph.cases import BEGAN, case


def _line(text: str, speaker: str = "") -> LogLine:
    return LogLine("E1", text, text, "error", BEGAN, 9, speaker)


DEPLOYED = Sign("E2", "changes", "bad_deploy", "strong", "deploy web: 7.1", "web", BEGAN, "it was changed")
# What it says, what else was seen, whether that leaves it open
LINES: dict[str, tuple[list[LogLine], dict[str, object], bool]] = {
    "a reference": ([_line("error: request failed, ref=f62762ae")], {}, True),
    "a number for who asks": ([_line("Something went wrong. Please contact support: error ID 88121-04")], {}, True),
    "of a correlation": ([_line("Unhandled exception occurred, correlation id: 5a1c0e4b-77d1-4c02")], {}, True),
    "another says more": ([_line("request failed, ref=f627"), _line("disk full", "db")], {}, True),
    "it says more besides": ([_line("request failed, ref=f627"), _line("ledger is closed")], {}, False),
    "it says what failed": ([_line("error: request to ledger failed, ref=f62762ae")], {}, False),
    "it hands out no number": ([_line("Something went wrong")], {}, False),
    "a code that is known": ([_line("ORA-01653 while processing request id 77ab10e3: tablespace")], {}, False),
    "it was changed": ([_line("request failed, ref=f62762ae")], {"signs": [DEPLOYED]}, False),
}


@pytest.mark.parametrize("name", LINES)
def test_a_number_is_no_reason(name: str):
    lines, more, unknown = LINES[name]
    facts = replace(Facts(case()), lines=lines, **more)
    finding = Finding("app_crash", "web fails", [lines[0].cite()], "strong")
    assert (numbered(finding, facts) is not None) == unknown
    assert numbered(replace(finding, category="dns_failure"), facts) is None
