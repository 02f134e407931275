"""A container that ended well and said that its work is done is not missed; a service that ended is."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.facts import Container, LogLine
from agent_graph.analysts.rules.work_done import end_told, with_work_done
from tests.agent_graph.cases import BEGAN

ENDS: dict[str, tuple[dict[str, Any], str, bool]] = {
    "it says that it is done": ({}, "job nightly attempt 2 finished successfully, 18 GiB", True),
    "in other words": ({}, "INFO all 14 chunks loaded", True),
    "it was told to end": ({}, "graceful shutdown completed", False),
    "it failed before": ({"exit_code": 1}, "finished", False),
    "it is to run on": ({"restart_policy": "always"}, "batch 17 finished", False),
    "it said something else": ({}, "serving on :8080", False),
}


@pytest.mark.parametrize("name", ENDS)
def test_last_words_tell_work_from_a_service(name: str):
    changes, text, done = ENDS[name]
    data = {"container": "ledgerdump", "of_target": True, "running": False, "status": "exited", "exit_code": 0}
    container = Container("E1", {**data, "finished_at": BEGAN.isoformat(), **changes}, {})
    assert with_work_done(container, [LogLine("E2", text, text, "info", BEGAN, 1)]).finished is done


# What is said, how many seconds after it ended, with which code, and whether that tells of its end.
TOLD: dict[str, tuple[str, float, int, bool]] = {
    "who runs it says so": ("container died 4c77a1 (name=db-migrate, exit=0)", 0, 0, True),
    "its unit is done": ("Finished web-migrate.service", 3, 0, True),
    "something else, then": ("GET /health 200", 0, 0, False),
    "of its last run": ("Finished web-migrate.service", -900, 0, False),
    "it failed": ("Finished web-migrate.service", 3, 1, False),
}


@pytest.mark.parametrize("name", TOLD)
def test_the_end_of_work_is_quoted_from_whoever_tells_it(name: str):
    text, after, code, told = TOLD[name]
    data = {"container": "db-migrate", "of_target": True, "running": False, "status": "exited", "exit_code": code}
    container = Container("E1", {**data, "finished_at": BEGAN.isoformat()}, {})
    line = LogLine("E2", text, text, None, BEGAN + timedelta(seconds=after), 1, "host")
    assert (end_told(container, [line]) is not None) is told
