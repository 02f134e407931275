"""The transition table of an incident, as a table."""

import pytest

from backend.incident import rules
from backend.incident.rules import Refusal, Status, Verb

ROAD = [
    ("detected", "investigate", "investigating"),
    ("investigating", "conclude", "analyzed"),
    ("analyzed", "propose", "awaiting_approval"),
    ("awaiting_approval", "execute", "executing_solution"),
    ("executing_solution", "verify", "verifying"),
    ("verifying", "resolve", "resolved"),
]
DETOURS = [
    ("awaiting_approval", "decline", "analyzed"),
    ("executing_solution", "investigate", "investigating"),
    ("verifying", "investigate", "investigating"),
    ("verifying", "fail", "failed"),
    ("verifying", "give_back", "analyzed"),
    ("failed", "resolve", "resolved"),
    ("resolved", "reopen", "detected"),
]
REFUSED = [
    ("detected", "execute"),
    ("analyzed", "execute"),
    ("resolved", "investigate"),
    ("resolved", "execute"),
    ("failed", "verify"),
    ("executing_solution", "resolve"),
    ("awaiting_approval", "verify"),
    ("verifying", "execute"),
]


@pytest.mark.parametrize(("status", "verb", "after"), ROAD + DETOURS)
def test_verb_leads_to_the_next_status(status: Status, verb: Verb, after: Status):
    assert rules.next_status(status, verb) == after


@pytest.mark.parametrize(("status", "verb"), REFUSED)
def test_anything_else_is_refused_with_a_reason(status: Status, verb: Verb):
    refusal = rules.next_status(status, verb)
    assert isinstance(refusal, Refusal)
    assert rules.words(status) in refusal.reason


def test_execution_is_reached_from_an_approval_only():
    into = {status for (status, _), after in rules.TRANSITIONS.items() if after == "executing_solution"}
    assert into == {"awaiting_approval"}


def test_every_active_status_has_a_way_out():
    for status in rules.ACTIVE:
        assert any(s == status and after != status for (s, _), after in rules.TRANSITIONS.items()), status


@pytest.mark.parametrize(
    ("status", "verb", "acknowledged", "allowed"),
    [
        ("detected", "acknowledge", False, True),
        ("detected", "acknowledge", True, False),
        ("resolved", "acknowledge", False, False),
        ("investigating", "investigate", False, False),
        ("analyzed", "investigate", False, True),
        ("executing_solution", "investigate", False, False),
        ("executing_solution", "resolve", False, False),
        ("verifying", "resolve", False, False),
        ("awaiting_approval", "resolve", False, True),
        ("failed", "resolve", False, True),
        ("resolved", "resolve", False, False),
        ("analyzed", "reopen", False, False),
        ("failed", "reopen", False, True),
    ],
)
def test_what_a_person_may_do(status: Status, verb: rules.PersonVerb, acknowledged: bool, allowed: bool):
    refusal = rules.person_may(status, verb, acknowledged=acknowledged)
    assert (refusal is None) == allowed
    assert refusal is None or refusal.reason.endswith(".")


def test_whatever_a_person_may_do_the_table_can_do():
    for status in rules.STATUSES:
        for verb in ("investigate", "resolve", "reopen"):
            if rules.person_may(status, verb, acknowledged=False) is None:
                assert not isinstance(rules.next_status(status, verb), Refusal), (status, verb)


def test_a_recovery_never_interrupts_an_action_on_its_way():
    assert {s for s in rules.ACTIVE if rules.recovers(s)} == rules.COMMITTED


def test_severity_only_rises():
    assert rules.worse("low", "high") == "high"
    assert rules.worse("critical", "medium") == "critical"
