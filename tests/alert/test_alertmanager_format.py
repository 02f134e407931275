"""Alertmanager's webhook body: what it really sends is read whole, what nobody should send is told why."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from backend.alert.formats import alertmanager
from backend.alert.formats.alertmanager import LATEST, UNKNOWN_START, MalformedJson, NotAnAlertmanagerBody, parse
from tests.fakes.alertmanager import alert, body, captured

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "statuses", "left_out"),
    [
        ("kubernetes_pod", ["firing"], 0),
        ("kubernetes_pod_resolved", ["resolved"], 0),
        ("containers_firing", ["firing", "firing"], 0),
        ("containers_mixed", ["resolved", "firing"], 0),
        ("truncated", ["firing", "firing"], 3),
        ("no_times_firing", ["firing"], 0),
        ("no_times_resolved", ["resolved"], 0),
        ("postgres", ["firing"], 0),
        ("blackbox", ["firing"], 0),
        ("node", ["firing"], 0),
    ],
)
def test_every_captured_body_is_read_whole(name: str, statuses: list[str], left_out: int):
    raw = json.loads(captured(name))
    batch = parse(captured(name), NOW)
    assert [a.status for a in batch.alerts] == statuses
    assert batch.received == len(raw["alerts"])
    assert batch.left_out == left_out
    assert [a.labels for a in batch.alerts] == [a["labels"] for a in raw["alerts"]]
    assert [a.annotations for a in batch.alerts] == [a["annotations"] for a in raw["alerts"]]
    assert [a.fingerprint for a in batch.alerts] == [a["fingerprint"] for a in raw["alerts"]]
    assert (batch.source, batch.group_key, batch.receiver) == ("alertmanager", raw["groupKey"], raw["receiver"])


def test_firing_and_resolved_bodies_of_one_alert_name_the_same_firing():
    fired, resolved = (
        parse(captured("no_times_firing"), NOW).alerts[0],
        parse(captured("no_times_resolved"), NOW).alerts[0],
    )
    assert (fired.fingerprint, fired.starts_at) == (resolved.fingerprint, resolved.starts_at)
    assert fired.ends_at is None
    assert resolved.ends_at is not None
    assert fired.starts_at.microsecond == 224398, "nanoseconds are cut, not rounded: both bodies must agree"


def one(**members: Any):
    return parse(body(alert(**members)), NOW).alerts[0]


@pytest.mark.parametrize(
    "zero", ["0001-01-01T00:00:00Z", "0001-01-01T05:00:00+05:00", "", None, "1815-12-10T00:00:00Z"]
)
def test_a_start_that_makes_no_sense_is_unknown_and_the_same_every_time(zero: str | None):
    batch = parse(body(alert(startsAt=zero)), NOW)
    assert batch.alerts[0].starts_at == UNKNOWN_START
    assert batch.notes == ("an alert does not say when it started",)


@pytest.mark.parametrize("far", ["9999-12-31T23:59:59Z", "2999-01-01T00:00:00+02:00", "9999-12-31T23:59:59-10:00"])
def test_a_start_far_in_the_future_is_clamped_and_noted(far: str):
    batch = parse(body(alert(startsAt=far)), NOW)
    assert batch.alerts[0].starts_at == LATEST
    assert batch.notes


def test_a_resolved_alert_without_an_end_ended_some_time_before_now():
    assert one(status="resolved", endsAt=None).ends_at is None
    assert one(status="resolved", endsAt="0001-01-01T00:00:00Z").ends_at is None
    assert one(status="resolved", endsAt="9999-01-01T00:00:00Z").ends_at is None


def test_a_firing_alert_has_no_end_whatever_the_body_says():
    assert one(endsAt="2026-11-21T03:00:00Z").ends_at is None


def test_times_in_other_zones_are_the_same_moment():
    assert one(startsAt="2026-01-02T05:04:05+02:00").starts_at == one(startsAt="2026-01-02T03:04:05Z").starts_at


def test_the_same_firing_twice_in_one_body_is_one_alert_and_resolved_is_the_later_word():
    batch = parse(body(alert(status="resolved"), alert(status="firing")), NOW)
    assert batch.received == 2
    assert [a.status for a in batch.alerts] == ["resolved"]
    assert batch.alerts[0].ends_at is not None


def test_one_alert_firing_at_two_times_is_two_firings():
    assert len(parse(body(alert(), alert(startsAt="2026-01-03T00:00:00Z")), NOW).alerts) == 2


def test_unknown_members_are_ignored_on_every_level():
    extra = alert(silenced=True, nested={"a": [1, {"b": None}]})
    assert parse(body(extra, notificationReason="new", version="4"), NOW).received == 1


def test_optional_members_may_be_missing_or_null():
    bare = json.dumps({"alerts": [{"status": "firing", "labels": {}, "annotations": None}]}).encode()
    parsed = parse(bare, NOW).alerts[0]
    assert (parsed.name, parsed.annotations, parsed.generator_url) == ("Alert", {}, None)


def test_an_empty_list_is_a_body_without_alerts():
    assert parse(body(), NOW).received == 0


def test_a_missing_fingerprint_is_derived_from_the_labels_alone():
    labels = {"alertname": "Down", "container": "web"}
    first = one(fingerprint=None, labels=labels)
    later = one(fingerprint="", labels=labels, startsAt="2026-05-05T00:00:00Z", annotations={})
    assert first.fingerprint == later.fingerprint
    assert first.fingerprint != one(fingerprint=None, labels={"alertname": "Other"}).fingerprint
    assert len(one(fingerprint="f" * 5_000).fingerprint) == 32


def test_a_label_value_of_100_kb_is_shortened_and_noted():
    batch = parse(body(alert(labels={"alertname": "A", "stack": "x" * 100_000})), NOW)
    kept = batch.alerts[0].labels["stack"]
    assert len(kept) < 5_000
    assert kept.endswith("(95904 characters left out)")
    assert batch.notes == ("a label of A was shortened",)


def test_hundreds_of_labels_are_cut_to_the_same_ones_every_time():
    labels = {f"label_{i:04}": "v" for i in range(500)}
    first, second = one(labels=labels), one(labels=dict(reversed(labels.items())))
    assert len(first.labels) == alertmanager.PAIRS
    assert first.labels == second.labels


@pytest.mark.parametrize(
    ("raw", "error", "says"),
    [
        (b"", MalformedJson, "not JSON"),
        (b"{", MalformedJson, "not JSON"),
        (b"\xff\xfe", MalformedJson, "not JSON"),
        (b"[" * 200_000, MalformedJson, "recursion"),
        (b'{"alerts": [{"status": "firing", "labels": {"a": "\xff"}}]}', MalformedJson, "unicode"),
        (b'{"alerts": [{"status": "firing", "labels": {"a": "\\ud800"}}]}', MalformedJson, "not JSON"),
        (b'{"alerts": [{"status": "firing", "labels": {"a": "x\\u0000y"}}]}', NotAnAlertmanagerBody, "NUL"),
        (b"[]", NotAnAlertmanagerBody, "object"),
        (b"null", NotAnAlertmanagerBody, "object"),
        (b"{}", NotAnAlertmanagerBody, "alerts"),
        (b'{"alerts": {}}', NotAnAlertmanagerBody, "alerts"),
        (b'{"alerts": [7]}', NotAnAlertmanagerBody, "alerts.0"),
        (b'{"alerts": [{"status": "on fire", "labels": {}}]}', NotAnAlertmanagerBody, "alerts.0.status"),
        (b'{"alerts": [{"status": "firing"}]}', NotAnAlertmanagerBody, "alerts.0.labels"),
        (b'{"alerts": [{"status": "firing", "labels": {"a": 1}}]}', NotAnAlertmanagerBody, "alerts.0.labels.a"),
        (b'{"alerts": [{"status": "firing", "labels": [1]}]}', NotAnAlertmanagerBody, "alerts.0.labels"),
        (b'{"alerts": [], "version": "3"}', NotAnAlertmanagerBody, "version"),
        (b'{"alerts": [], "truncatedAlerts": -1}', NotAnAlertmanagerBody, "truncatedAlerts"),
        (body(alert(startsAt="yesterday")), NotAnAlertmanagerBody, "startsAt is not a time"),
        (body(alert(startsAt="99999-01-01T00:00:00Z")), NotAnAlertmanagerBody, "startsAt is not a time"),
        (body(alert(startsAt=17)), NotAnAlertmanagerBody, "alerts.0.startsAt"),
    ],
)
def test_what_cannot_be_read_is_answered_with_what_is_wrong_and_where(raw: bytes, error: type[Exception], says: str):
    with pytest.raises(error, match=says):
        parse(raw, NOW)


def test_a_backslash_before_u0000_is_no_nul():
    assert one(labels={"regex": "\\u0000"}).labels == {"regex": "\\u0000"}


def test_the_problem_does_not_repeat_what_was_sent():
    with pytest.raises(NotAnAlertmanagerBody) as caught:
        parse(body(alert(status="hunter2-secret")), NOW)
    assert "hunter2" not in json.dumps(caught.value.problem())


@pytest.mark.parametrize("around", ["", "a word of no importance\n" * 150], ids=["in a short alert", "in a long one"])
@pytest.mark.parametrize(
    "members",
    [
        {"labels": {"alertname": "Down password=hunter2hunter2"}},
        {"labels": {"alertname": "Down", "dsn": "postgresql://app:hunter2hunter2@db/app"}},
        {"annotations": {"password": "hunter2hunter2"}},
        {"annotations": {"summary": "it says\npassword:\nhunter2hunter2"}},
        {"generatorURL": "http://admin:hunter2hunter2@prometheus:9090/graph"},
    ],
    ids=["name", "label", "annotation by its name", "annotation over two lines", "address"],
)
def test_a_secret_is_hidden_wherever_it_stands(members: dict[str, Any], around: str):
    told = {"description": around, **members.get("annotations", {})}
    (found,) = parse(body(alert(**{**members, "annotations": told})), NOW).alerts
    kept = repr(found)
    assert "hunter2" not in kept
    assert "[redacted]" in kept
    assert found.annotations["description"] == around
