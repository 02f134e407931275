"""The version before is proposed where its image is known; nothing is started that others start in vain, or that has
its connections taken by somebody else."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.facts import Container, Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.held_by import held_by_another
from agent_graph.analysts.rules.image_before import image_before
from agent_graph.analysts.rules.platform_remedies import beyond_a_restart
from agent_graph.analysts.rules.remedies import remedy
from agent_graph.conclusion import Draft
from backend.incident.rules import Refusal
from backend.investigation.kinds import Hypothesis
from tests.agent_graph.cases import BEGAN, case
from tests.agent_graph.cases import container as state


def holder(**data: Any) -> Container:
    return Container("E1", {"container": "web", "of_target": True, **data}, {})


# the image it runs on, the release as registered, and the image before it
IMAGES: dict[str, tuple[str, str, str | None]] = {
    "the version is the tag": ("hub.example/shop/web:1.5.0", "1.4.2 -> 1.5.0", "hub.example/shop/web:1.4.2"),
    "and part of it": ("web:v1.5.0-alpine", "v1.4.2 -> v1.5.0 (new cart)", "web:v1.4.2-alpine"),
    "images by name": ("shop/web:1.5.0", "shop/web:1.4.2 -> shop/web:1.5.0", "shop/web:1.4.2"),
    "a tag that is moved, and named": ("shop/web:latest", "shop/web:latest 1.4.2 -> 1.5.0", "shop/web:1.4.2"),
    "a tag that is moved: of what are these versions": ("shop/web:latest", "1.4.2 -> 1.5.0", None),
    "the versions of a library": ("shop/web:2026-11", "log4j 2.17.0 -> 2.24.1", None),
    "of another image": ("shop/web:1.5.0", "shop/cron:1.4.2 -> shop/cron:1.5.0", None),
    "a longer number that begins like it": ("shop/web:1.5.01", "1.4.2 -> 1.5.0", None),
    "two at once": ("shop/web:1.5.0", "web 1.4.2 -> 1.5.0, cron 2.0.0 -> 2.1.0", None),
    "it stays as it was": ("shop/web:1.5.0", "1.5.0 -> 1.5.0", None),
    "nothing is said of it": ("shop/web:1.5.0", "version 1.5.0", None),
    "replicas": ("shop/web:4", "replicas 2 -> 4", None),
}


@pytest.mark.parametrize("name", IMAGES)
def test_the_image_before_follows_from_the_tag_and_the_release(name: str):
    image, release, before = IMAGES[name]
    said = f"deploy web: {release}"
    change = LogLine("E2", said, said, None, BEGAN, 1)
    sign = Sign("E2", "changes", "bad_deploy", "strong", said, "web", BEGAN, said)
    facts = Facts(case(), containers=[holder(image=image)], changes=[change], signs=[sign])
    assert image_before(facts, {said}) == before
    # What the conclusion does not rest on, or what is of another, tells nothing of it.
    assert image_before(facts, {"something else"}) is None
    assert image_before(Facts(case(), containers=[holder(image=image)], changes=[change]), {said}) is None


CRASHED = "web crashed: panic: index out of range"
# what others note of the target, how often; is it started nevertheless
NOTED: dict[str, tuple[str, int, bool]] = {
    "systemd starts it each time": (
        "web.service: Main process exited, code=exited, status=2/INVALIDARGUMENT",
        17,
        False,
    ),
    "supervisord does": ("2026-11-21 03:01:00,123 WARN exited: web (exit status 1; not expected)", 4, False),
    "it ended once": ("web.service: Main process exited, code=exited, status=2/INVALIDARGUMENT", 1, True),
    "another is started each time": ("mail.service: Main process exited, code=exited, status=1/FAILURE", 17, True),
}


@pytest.mark.parametrize("name", NOTED)
def test_what_a_supervisor_starts_again_in_vain_is_not_started_once_more(name: str):
    text, count, helps = NOTED[name]
    line = LogLine("E2", text, text, None, BEGAN + timedelta(minutes=1), count, "init")
    facts = Facts(case(), containers=[holder(running=False, status="exited")], around=[line])
    assert beyond_a_restart(facts, "app_crash", CRASHED) != helps


def series(line: str, values: list[float]) -> Metric:
    points = [((BEGAN + timedelta(minutes=n)).timestamp(), value) for n, value in enumerate(values)]
    return Metric("E3", "pg_connections", line, points, 200.0, None)


# who is measured to hold most, how many, who is there besides; is it another than the target
HOLDERS: dict[str, tuple[str, float, set[str], bool]] = {
    "a neighbour": ("stage_rw", 160, {"web", "shop-stage"}, True),
    "with a little": ("stage_rw", 40, {"web", "shop-stage"}, False),
    "the target itself": ("web_rw", 160, {"web", "shop-stage"}, False),
    "a user that may be the target's": ("app_rw", 160, {"web", "shop-stage"}, False),
}


@pytest.mark.parametrize("name", HOLDERS)
def test_whose_connections_a_neighbour_holds_gets_none_by_starting_anew(name: str):
    who, held, known, another = HOLDERS[name]
    metrics = [series("connections{}: 54 → 196", [54, 196]), series(f'connections{{usename="{who}"}}: 7', [7, held])]
    facts = Facts(case(), metrics=metrics, known=frozenset(known))
    assert (held_by_another(facts) is not None) == another
    assert beyond_a_restart(facts, "connection_exhaustion", "") == another


def test_nothing_is_rolled_back_on_a_release_that_the_conclusion_does_not_cite():
    told = Hypothesis(category="bad_deploy", statement="web broke", confidence="likely", analyst="rules", supporting=[])
    draft = Draft(
        verdict="incident", analyst="rules", category="bad_deploy", root_cause="web broke", confidence="likely",
        summary="web broke", hypotheses=[told], reasoning="",
    )  # fmt: skip
    assert isinstance(remedy(case(), draft, [state(ExitCode=1)]), Refusal)
