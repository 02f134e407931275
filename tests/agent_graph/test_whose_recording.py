"""Whose a recorded log or container is: the target's own by any name, and never its neighbour's for want of another."""

from pathlib import Path
from typing import Any

import pytest

from agent_graph.evaluation.recorded import sources_of
from agent_graph.evaluation.scenario import Expected, Scenario
from backend.investigation.kinds import Target
from tests.agent_graph.cases import case


def _scenario(name: str, **recorded: Any) -> Scenario:
    about = case().model_copy(update={"target": Target(name=name, source_type="container")})
    return Scenario(name=Path(name).name, case=about, expected=Expected(verdict="incident"), **recorded)


async def _told(scenario: Scenario, source: str) -> list[Any]:
    one = sources_of(scenario).present[source]
    return [found for ask in one.first(scenario.case) for found in await one.answer(scenario.case, ask)]


@pytest.mark.parametrize(
    ("unit", "own"),
    [("gate.service", True), ("podman-gate.service", True), ("container-gate.service", True), ("gated.service", False)],
)
async def test_a_unit_speaks_for_the_container_that_it_keeps(unit: str, own: bool) -> None:
    rows = [{"ts": "2026-11-21T03:00:00Z", "labels": {"unit": unit}, "line": "Error: no"}]
    rows += [{"ts": "2026-11-21T03:00:00Z", "labels": {"container": "gate"}, "line": "up"}]
    found = await _told(_scenario("gate", logs=rows), "loki")
    assert [one for one in found if one.data["own"] and "Error: no" in one.content] == (found[:1] if own else [])


@pytest.mark.parametrize(("name", "found"), [("shop", True), ("shop-web", True), ("gate", False)])
async def test_the_one_container_that_was_recorded_is_not_taken_for_another(name: str, found: bool) -> None:
    document = {"Name": "/shop-web-1", "State": {"Status": "running", "Running": True}, "Config": {}}
    told = await _told(_scenario(name, docker={"docker/web.json": [document]}), "docker")
    assert bool([one for one in told if one.data.get("of_target")]) == found
