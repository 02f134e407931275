"""A sentence quotes a line from where it comes to the point."""

import re

import pytest

from agent_graph.analysts.rules.facts import LogLine
from agent_graph.analysts.rules.parts import said_of
from agent_graph.logs.words import taken_back

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


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ('E0930 "re-queuing item due to optimistic locking on resource" key="edge/grafana-tls"', True),
        ("requeueing after a conflict on update", True),
        ("canceling statement due to conflict with recovery", False),
        ("requeued 40 messages: consumer timed out", False),
    ],
)
def test_who_wrote_second_and_writes_again_has_no_trouble(text: str, back: bool):
    assert taken_back(text) is back
