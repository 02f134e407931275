"""No pattern that reads foreign text takes long over a line, whatever somebody wrote into it."""

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator

import pytest

import agent_graph.analysts.rules
import agent_graph.logs

# As long as a line is kept; what patterns with nested repetition choke on.
LENGTH = 2_000
PIECES = (
    *("a", "A", "1", "0", " ", ".", "-", "_", "/", ":", '"', "(", "{", "=", ",", "\t", "|", "a ", "a.", "a-", "1."),
    *("aA", "a1", "0|", "1 2", "a.b.", "x@", "ab", "nvme", "retry", "rcu_a", "at ", "to ", "lock ", "pool ", "query "),
    *("systemd ", "connection to ", "waiting for a ", "held by a ", "Error", "job=", 'msg="', "GET /a ", "12:00:00 "),
)
# What begins to look like something before it goes on for ever.
HEADS = ("access denied because ", "skipped due to the ", "failed: connection to ", "user=", "renamed to ")


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for package in (agent_graph.analysts.rules, agent_graph.logs):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not module.name.endswith(".learn"):
                for name, value in vars(importlib.import_module(module.name)).items():
                    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                        yield f"{module.name}.{name}", value


@pytest.mark.timeout(120)
def test_no_pattern_is_stopped_by_a_line():
    """Each took milliseconds when this was written; minutes are what this is about, whatever the machine."""
    lines = [(piece * LENGTH)[:LENGTH] + "!" for piece in PIECES]
    lines += [f"{head}{'a_' * (LENGTH // 2)}!" for head in HEADS]
    # By pattern: some are imported from one module into another.
    found = {pattern: name for name, pattern in patterns()}
    assert len(found) > 200
    for pattern, name in found.items():
        began = time.process_time()
        for line in lines:
            pattern.search(line)
        assert time.process_time() - began < 15, name
