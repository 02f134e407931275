"""A sentence quotes a line from where it comes to the point."""

import re

import pytest

from agent_graph.analysts.rules.facts import LogLine
from agent_graph.analysts.rules.parts import said_of

DENIED = re.compile("denied by .{1,40}")
LONG = "worker[7]: " + "to=<somebody@example.org>, relay=mx.example.org, " * 4 + "denied by policy, ask the owner."


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("denied by policy.", "denied by policy"),
        ("nothing of it.", "nothing of it"),
        (LONG, "denied by policy, ask the owner"),
    ],
)
def test_a_line_is_quoted_from_its_point_on(message: str, said: str):
    found = said_of(LogLine("E1", message, message, None, None, 1), DENIED, 60)
    assert found.endswith(said)
    assert len(found) <= 100
    assert found.startswith("…") == (len(message) > 60)
