"""A container that was made anew with a newer image of the same tag had a release, though nobody registered one."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.context.updated import updates
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.reading import read
from agent_graph.analysts.rules.signatures.bad_deploy import match
from tests.agent_graph.cases import BEGAN, case, container

WATCHTOWER = 'time="2026-11-21T02:58:00Z" level=info msg="Found new app:1 image (26a44f7898e2)"'
TABLE = "podman[9912]:  app.service  8b1f (app)  docker.io/library/app:1  registry    true"
PLAIN = "docker.io/library/app:1"


def _line(text: str, minutes: float, evidence: str = "E2") -> LogLine:
    return LogLine(evidence, text, text, "info", BEGAN - timedelta(minutes=minutes), 1)


# name: what is said two minutes before it began, what the engine saw when, whether it is a release of it
BROUGHT: dict[str, tuple[str, tuple[str, float], bool]] = {
    "found, and made anew": (WATCHTOWER, ("create", 1), True),
    "by its whole name": (WATCHTOWER.replace("app:1", PLAIN), ("create", 1), True),
    "told in a table once it is done": (TABLE, ("create", 2.5), True),
    "told in a table that nothing was": (TABLE.replace("true", "false"), ("create", 2.5), False),
    "found only": (WATCHTOWER, ("start", 1), False),
    "another image": (WATCHTOWER.replace("app:1", "proxy:1"), ("create", 1), False),
    "made anew before it was found": (WATCHTOWER, ("create", 30), False),
    "nothing new was found": (WATCHTOWER.replace("Found new", "No new"), ("create", 1), False),
}


@pytest.mark.parametrize("name", BROUGHT)
def test_who_brings_newer_images_releases_them(name: str):
    said, (event, minutes), released = BROUGHT[name]
    facts = _facts(said, event, minutes)
    assert (next(updates(facts), None) is not None) is released
    finding = match(facts)
    assert (finding is not None and "newer image of the same tag" in finding.statement) is released


def _facts(said: str, event: str, minutes: float) -> Facts:
    state = container(Running=False, ExitCode=1, restarts=7, policy="always")
    seen = read(case(), [state]).containers
    failing = LogLine("E2", "refusing to start", "refusing to start", "fatal", BEGAN, 7)
    return Facts(
        case(), lines=[failing], containers=seen, around=[_line(said, 2)], events=[_line(event, minutes, "E3")]
    )
