"""What may be proposed: hooks first, what can help, not what failed before, in scope, never on words alone."""

from typing import Any

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.remedies import fill, remedy
from agent_graph.safety.proposal import guard
from backend.incident.rules import Refusal
from backend.investigation.kinds import CaseFile, Evidence, Proposal
from tests.agent_graph.cases import case, container, down, history, hook, logs, monitor, tried

CRASH = logs("ERROR unhandled ValueError: bad order", "FATAL giving up: ValueError: bad order")
DEAD = [container(ExitCode=1), CRASH]
HUNG = [container(Running=True, health="unhealthy"), logs("INFO GET / 200")]
START: dict[str, Any] = {"container": "web"}


def proposed(told: CaseFile, evidence: list[Evidence], wish: Proposal | None = None) -> Proposal | Refusal:
    return remedy(told, analyse(told, evidence), evidence, wish)


def test_a_dead_container_is_started_and_a_hung_one_restarted():
    for evidence, kind in ((DEAD, "docker.start_container"), (HUNG, "docker.restart_container")):
        found = proposed(case(), evidence)
        assert isinstance(found, Proposal)
        assert (found.kind, found.target) == (kind, "web")
        assert guard(found, case(), evidence) is None


def test_a_hook_registered_for_the_category_comes_first():
    told = case(hooks=[hook("clean-up", "disk_pressure"), hook("restart-web", "app_crash")])
    found = proposed(told, DEAD)
    assert isinstance(found, Proposal)
    assert (found.kind, found.params, found.target) == (
        "runbook.call_hook",
        {"hook": "restart-web", "arguments": {}},
        "web",
    )
    assert guard(found, told, DEAD) is None


SCHEMAS: dict[str, tuple[dict[str, Any], dict[str, Any] | None]] = {
    "const, default, enum": (
        {
            "type": "object",
            "properties": {
                "a": {"const": 1},
                "b": {"default": "x"},
                "c": {"enum": ["soft", "hard"]},
                "d": {"type": "string"},
            },
            "required": ["a", "b", "c"],
        },
        {"a": 1, "b": "x", "c": "soft"},
    ),
    "a person must choose": ({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}, None),
    "a default that breaks its own rule": (
        {"type": "object", "properties": {"n": {"type": "integer", "default": "many"}}, "required": ["n"]},
        None,
    ),
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_arguments_follow_from_the_schema_or_the_hook_is_not_proposed(name: str):
    schema, expected = SCHEMAS[name]
    assert fill(schema) == expected


def test_what_failed_for_this_incident_is_not_proposed_again():
    told = case(past=[tried("docker.start_container", container="web")])
    found = proposed(told, DEAD)
    assert isinstance(found, Refusal)
    assert "did not help" in found.reason


def test_a_failure_in_another_incident_does_not_forbid_it():
    past = tried("docker.start_container", container="web").model_copy(update={"of_incident": False})
    assert isinstance(proposed(case(past=[past]), DEAD), Proposal)


@pytest.mark.parametrize(
    "evidence",
    [
        [container(ExitCode=78), logs("FATAL invalid configuration: unknown option 'x'")],
        [container(ExitCode=1), logs("ERROR could not connect to server: Connection refused at db:5432")],
        [container(ExitCode=1), logs("ERROR lookup payments: no such host")],
        [container(ExitCode=1), logs("ERROR x509: certificate has expired or is not yet valid")],
    ],
)
def test_a_restart_is_not_proposed_where_it_cannot_help(evidence: list[Evidence]):
    found = proposed(case(), evidence)
    assert isinstance(found, Refusal)
    assert "does not cure" in found.reason


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("PHP Fatal error: Uncaught TypeError: build(): Argument #1 must be of type array, null given", None),
        ("ERROR unhandled NoMethodError: undefined method `total' for nil", None),
        ("ERROR unhandled IllegalStateException: worker pool is wedged", "docker.restart_container"),
    ],
)
def test_a_fresh_process_does_not_cure_the_code_that_it_runs(said: str, kind: str | None):
    failing = monitor(down("HTTP 500", code=500), down("HTTP 500", code=500, minutes_ago=2))
    evidence = [history(failing), container("E3", Running=True), logs(said, said, said)]
    found = proposed(case(monitor=failing), evidence)
    assert (found.kind if isinstance(found, Proposal) else None) == kind
    assert kind or "would meet the same again" in str(found)


def test_nothing_is_proposed_without_an_established_cause():
    assert isinstance(proposed(case(), [logs("ERROR OutOfMemoryError")]), Refusal)
    assert isinstance(proposed(case(), []), Refusal)


def test_a_monitor_and_a_hook_are_enough():
    told = case("shop", source_type="monitor", runtime=None, hooks=[hook("restart-shop", "app_crash")])
    evidence = [history(monitor(down("connection refused"))), CRASH]
    found = proposed(told, evidence)
    assert isinstance(found, Proposal)
    assert guard(found, told, evidence) is None


OUTSIDE: dict[str, Proposal] = {
    "another container that exists": Proposal(
        kind="docker.restart_container", params={"container": "db"}, target="db", rationale="", evidence=["E1"]
    ),
    "a container nobody saw": Proposal(
        kind="docker.start_container", params={"container": "ghost"}, target="ghost", rationale="", evidence=["E1"]
    ),
    "parameters and target differ": Proposal(
        kind="docker.start_container", params={"container": "db"}, target="web", rationale="", evidence=["E1"]
    ),
    "words alone": Proposal(kind="docker.start_container", params=START, target="web", rationale="", evidence=["E2"]),
    "no evidence": Proposal(kind="docker.start_container", params=START, target="web", rationale="", evidence=[]),
    "a kind of its own": Proposal(
        kind="shell.run", params={"cmd": "rm -rf /"}, target="web", rationale="", evidence=["E1"]
    ),
    "parameters of its own": Proposal(
        kind="docker.start_container", params={**START, "privileged": True}, target="web", rationale="", evidence=["E1"]
    ),
    "a hook that is not registered": Proposal(
        kind="runbook.call_hook", params={"hook": "wipe", "arguments": {}}, target="web", rationale="", evidence=["E1"]
    ),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_the_guard_refuses(name: str):
    evidence = [container(ExitCode=1, siblings={"db": "running"}), CRASH]
    assert isinstance(guard(OUTSIDE[name], case(), evidence), Refusal)


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_models_wish_outside_the_options_changes_nothing(name: str):
    found = proposed(case(), [container(ExitCode=1, siblings={"db": "running"}), CRASH], OUTSIDE[name])
    assert isinstance(found, Proposal)
    assert (found.kind, found.params) == ("docker.start_container", START)


def test_a_model_may_choose_among_the_options():
    told = case(hooks=[hook("restart-web", "app_crash")])
    wish = Proposal(kind="docker.start_container", params=START, target="", rationale="mine", evidence=[])
    found = proposed(told, DEAD, wish)
    assert isinstance(found, Proposal)
    assert found.kind == "docker.start_container"
    assert "mine" not in found.rationale
