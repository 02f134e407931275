"""Rules of actions, as tables: the road, who may decide, what a digest binds, what must hold at the start."""

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.action import rules
from backend.action.kinds import CATALOGUE
from backend.action.rules import (
    DECIDED,
    EXECUTED,
    POLICY_VERSION,
    TRANSITIONS,
    DecisionVerb,
    Limits,
    Reason,
    Standing,
    StartFacts,
    Status,
    Verb,
)

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
ALICE, BOB = uuid.uuid4(), uuid.uuid4()
LIMITS = Limits(3, timedelta(hours=1))
STATUSES: tuple[Status, ...] = get_args(Status)
VERBS: tuple[Verb, ...] = get_args(Verb)


def code(reason: Reason | None) -> str | None:
    assert reason is None or reason.text.endswith("."), reason
    return None if reason is None else reason.code


# The road


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("verb", VERBS)
def test_what_is_not_in_the_table_is_refused_with_a_sentence(status: Status, verb: Verb):
    after = rules.next_status(status, verb)
    if (status, verb) in TRANSITIONS:
        assert after == TRANSITIONS[status, verb]
    else:
        assert isinstance(after, Reason)
        assert code(after) == "wrong_status"


def test_nothing_runs_without_an_approval():
    assert {s for (s, _), after in TRANSITIONS.items() if after == "executing"} == {"approved"}
    assert {s for (s, _), after in TRANSITIONS.items() if after == "approved"} == {"proposed"}


@pytest.mark.parametrize("status", [*sorted(EXECUTED), "rejected", "expired", "stale", "withdrawn", "advice"])
def test_the_end_is_the_end(status: Status):
    assert not [verb for (s, verb) in TRANSITIONS if s == status]


# The digest

BOUND: dict[str, Any] = {
    "kind": "docker.restart_container",
    "params": {"container": "web", "stop_timeout_seconds": 10},
    "target": "web",
    "target_state": {"container_id": "abc", "restart_count": 0},
    "incident_id": uuid.UUID(int=1),
    "policy_version": POLICY_VERSION,
}
CHANGED = [
    {"kind": "docker.start_container"},
    {"params": {"container": "web", "stop_timeout_seconds": 11}},
    {"params": {"container": "web"}},
    {"target": "db"},
    {"target_state": {"container_id": "abd", "restart_count": 0}},
    {"incident_id": uuid.UUID(int=2)},
    {"policy_version": "other"},
]


@pytest.mark.parametrize("change", CHANGED)
def test_a_digest_changes_with_everything_it_binds(change: dict[str, Any]):
    assert rules.digest(**BOUND) != rules.digest(**{**BOUND, **change})


def test_a_digest_does_not_depend_on_the_order_of_names():
    turned = {**BOUND, "params": dict(reversed(BOUND["params"].items()))}
    assert rules.digest(**BOUND) == rules.digest(**turned)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_whatever_is_storable_has_one_spelling(value: Any):
    if rules.is_storable(value):
        assert "\x00" not in rules.canonical(value)
        rules.canonical(value).encode()


@pytest.mark.parametrize("value", [{"a": "\x00"}, {"a": float("nan")}, {"\ud800": 1}, {"a": {1, 2}}])
def test_what_postgresql_cannot_keep_is_not_storable(value: Any):
    assert not rules.is_storable(value)


def test_the_policy_changes_with_the_catalogue():
    kind = CATALOGUE["docker.start_container"]
    other = {**CATALOGUE, kind.kind: dataclasses.replace(kind, risk="high")}
    assert rules.policy_version(other) != rules.policy_version() == POLICY_VERSION


# The decision


def standing(**changes: Any) -> Standing:
    facts = {
        "status": "proposed",
        "status_reason": "",
        "risk": "medium",
        "expires_at": NOW + timedelta(hours=1),
        "approved_by": frozenset(),
    }
    return Standing(**{**facts, **changes})


DECISIONS: list[tuple[DecisionVerb, dict[str, Any], bool, str | None]] = [
    ("approve", {}, True, None),
    ("reject", {}, True, None),
    ("postpone", {}, True, None),
    ("approve", {}, False, "forbidden"),
    ("approve", {"expires_at": NOW}, True, "action_expired"),
    ("reject", {"expires_at": NOW - timedelta(seconds=1)}, True, "action_expired"),
    ("approve", {"status": "expired"}, True, "action_expired"),
    ("approve", {"status": "drafted"}, True, "not_proposed"),
    ("approve", {"status": "advice"}, True, "not_proposed"),
    ("approve", {"status": "withdrawn", "status_reason": "The incident was resolved."}, True, "not_proposed"),
    ("approve", {"risk": "high", "approved_by": frozenset({ALICE})}, True, "second_person_needed"),
    ("approve", {"risk": "high", "approved_by": frozenset({BOB})}, True, None),
    ("reject", {"risk": "high", "approved_by": frozenset({ALICE})}, True, None),
    *[("approve", {"status": status}, True, "already_decided") for status in sorted(DECIDED)],
]


@pytest.mark.parametrize(("verb", "changes", "allowed", "refused"), DECISIONS)
def test_who_may_decide(verb: DecisionVerb, changes: dict[str, Any], allowed: bool, refused: str | None):
    assert code(rules.may_decide(verb, standing(**changes), ALICE, NOW, allowed=allowed, proved=True)) == refused


@pytest.mark.parametrize(("verb", "refused"), [("approve", "mfa_required"), ("reject", None), ("postpone", None)])
def test_only_an_approval_needs_the_second_factor(verb: DecisionVerb, refused: str | None):
    assert code(rules.may_decide(verb, standing(), ALICE, NOW, allowed=True, proved=False)) == refused


def test_a_role_that_may_not_approve_is_not_sent_for_its_phone():
    assert code(rules.may_decide("approve", standing(), ALICE, NOW, allowed=False, proved=False)) == "forbidden"


def test_high_risk_needs_two_different_people():
    assert rules.is_approved("medium", [ALICE])
    assert not rules.is_approved("high", [ALICE])
    assert not rules.is_approved("high", [ALICE, ALICE])
    assert rules.is_approved("high", [ALICE, BOB])


@pytest.mark.parametrize(
    ("after", "refused"),
    [
        (timedelta(0), "bad_time"),
        (-timedelta(days=1), "bad_time"),
        (timedelta(hours=1), None),
        (timedelta(days=8), "bad_time"),
    ],
)
def test_a_decision_cannot_be_put_off_for_ever(after: timedelta, refused: str | None):
    assert code(rules.may_postpone(NOW + after, NOW)) == refused


# The start


def facts(**changes: Any) -> StartFacts:
    digest = rules.digest(**BOUND)
    values = {
        "incident_status": "executing_solution",
        "firing": True,
        "expires_at": NOW + timedelta(minutes=1),
        "decided_at": NOW,
        "policy_version": POLICY_VERSION,
        "digest": digest,
        "digest_now": digest,
        "target_state": BOUND["target_state"],
        "live_state": BOUND["target_state"],
        "starts": [],
    }
    return StartFacts(**{**values, **changes})


STARTS: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"incident_status": "resolved"}, "incident_closed"),
    ({"incident_status": "failed"}, "incident_closed"),
    ({"incident_status": "investigating"}, "incident_moved"),
    ({"firing": False}, "recovered"),
    ({"expires_at": NOW - timedelta(minutes=10), "decided_at": NOW - timedelta(minutes=11)}, "start_too_late"),
    ({"expires_at": NOW - timedelta(seconds=1), "decided_at": NOW - timedelta(seconds=2)}, None),
    ({"policy_version": "older"}, "policy_changed"),
    ({"digest_now": "other"}, "content_changed"),
    ({"live_state": None}, "target_changed"),
    ({"live_state": {"container_id": "other", "restart_count": 0}}, "target_changed"),
    ({"live_state": {"container_id": "abc", "restart_count": 1}}, "target_changed"),
    ({"starts": [NOW - timedelta(minutes=m) for m in (5, 10, 20)]}, "attempts_used_up"),
    ({"starts": [NOW - timedelta(minutes=m) for m in (5, 10, 61)]}, None),
]


@pytest.mark.parametrize(("changes", "refused"), STARTS)
def test_everything_is_asked_again_at_the_start(changes: dict[str, Any], refused: str | None):
    assert code(rules.may_start(facts(**changes), LIMITS, NOW)) == refused


def test_the_reason_names_what_has_changed():
    reason = rules.may_start(facts(live_state={"container_id": "x", "restart_count": 0}), LIMITS, NOW)
    assert reason is not None
    assert "container id" in reason.text
    assert "restart count" not in reason.text


def test_a_target_rests_until_the_window_has_room_again():
    tried = [NOW - timedelta(minutes=m) for m in (50, 30, 10, 5)]
    reason = rules.attempts_left(tried, LIMITS, NOW)
    assert reason is not None
    # The third-newest attempt, 30 minutes ago, leaves the window of an hour in 30 minutes.
    assert "03:30 UTC" in reason.text


# What follows


@pytest.mark.parametrize(
    ("idempotent", "attempts", "then"), [(True, 1, "run_again"), (True, 3, "lose"), (False, 1, "lose")]
)
def test_only_the_harmless_is_repeated_after_a_crash(idempotent: bool, attempts: int, then: str):
    assert rules.after_crash(idempotent=idempotent, attempts=attempts) == then


@pytest.mark.parametrize(
    ("outcome", "rounds", "then"),
    [
        ("recovered", 1, "resolve"),
        ("recovered", 9, "resolve"),
        ("not_recovered", 1, "investigate"),
        ("not_recovered", 2, "investigate"),
        ("not_recovered", 3, "fail"),
        ("inconclusive", 1, "give_back"),
        ("inconclusive", 3, "give_back"),
    ],
)
def test_what_follows_a_verification(outcome: Any, rounds: int, then: str):
    assert rules.after_verification(outcome, rounds, max_rounds=3) == then
