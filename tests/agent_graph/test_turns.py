"""Replicas that fail in the same moment are read one after the other."""

import pytest

from agent_graph.logs.digest import digest
from agent_graph.logs.turns import in_turn

TRACE = (
    "Traceback (most recent call last):",
    '  File "app.py", line 7, in <module>',
    "KeyError: 'DATABASE_URL'",
)


@pytest.mark.parametrize("replicas", [1, 2, 5])
def test_traces_of_replicas_are_not_mixed(replicas: int):
    at = 1_780_000_000.25
    mixed = [(at + n / 1000, f"pod-{pod}", line) for n, line in enumerate(TRACE) for pod in range(replicas)]
    lines = in_turn(mixed, lambda line: (line[0], line[1]))
    assert [line[2] for line in lines] == list(TRACE) * replicas
    (kind,) = digest("\n".join(f"2026-11-21T03:00:00.{n:06}Z {line[2]}" for n, line in enumerate(lines))).data[
        "templates"
    ]
    assert (kind["count"], "KeyError" in kind["template"]) == (replicas, True)


def test_across_seconds_time_decides():
    lines = [(3.0, "a"), (1.5, "b"), (1.0, "b"), (1.9, "a"), (0.0, "c")]
    assert in_turn(lines, lambda line: line) == [(0.0, "c"), (1.9, "a"), (1.0, "b"), (1.5, "b"), (3.0, "a")]
