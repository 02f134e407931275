"""What an alert means: tables of labels and of receipts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.alert import rules
from backend.alert.rules import KnownFiring

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("labels", "severity"),
    [
        ({"severity": "critical"}, "critical"),
        ({"severity": "page"}, "critical"),
        ({"severity": " Critical "}, "critical"),
        ({"severity": "error"}, "high"),
        ({"severity": "major"}, "high"),
        ({"severity": "warning"}, "medium"),
        ({"severity": "WARN"}, "medium"),
        ({"severity": "info"}, "low"),
        ({"severity": "none"}, "low"),
        ({"priority": "P1"}, "critical"),
        ({"severity": "purple", "priority": "p4"}, "low"),
        ({"severity": "purple"}, "medium"),
        ({}, "medium"),
    ],
)
def test_severity(labels: dict[str, str], severity: str):
    assert rules.severity(labels) == severity


def test_title_is_the_summary_on_one_line_or_the_name_and_the_target():
    assert rules.title("Down", {"summary": " web\n is  down "}, "web") == "web is down"
    assert rules.title("Down", {}, "web") == "Down on web"
    assert len(rules.title("Down", {"summary": "x" * 5_000}, "web")) == 300
    assert rules.description({"description": "why", "message": "other"}) == "why"
    assert rules.description({}) is None


@pytest.mark.parametrize(
    ("starts_at", "began"),
    [
        (NOW - timedelta(minutes=5), NOW - timedelta(minutes=5)),
        (NOW + timedelta(minutes=5), NOW),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW),
        (datetime(2100, 1, 1, tzinfo=UTC), NOW),
    ],
)
def test_an_incident_never_begins_in_the_future_nor_in_another_age(starts_at: datetime, began: datetime):
    assert rules.began(starts_at, NOW) == began


T0, T1 = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
MOMENT, WHILE = NOW - timedelta(seconds=10), NOW - timedelta(minutes=10)


@pytest.mark.parametrize(
    ("incoming", "starts_at", "known", "status", "reason"),
    [
        ("firing", T0, [], "firing", "first_firing"),
        ("firing", T0, [KnownFiring(T0, "firing", MOMENT)], "firing", "still_firing"),
        ("firing", T0, [KnownFiring(T0, "resolved", MOMENT)], "resolved", "late_copy"),
        ("firing", T0, [KnownFiring(T0, "resolved", WHILE)], "firing", "fires_again"),
        ("firing", T0, [KnownFiring(T1, "resolved", MOMENT)], "resolved", "late_copy"),
        ("firing", T0, [KnownFiring(T1, "resolved", WHILE)], "firing", "first_firing"),
        ("firing", T1, [KnownFiring(T0, "resolved", MOMENT)], "firing", "first_firing"),
        ("firing", T0, [KnownFiring(T1, "firing", MOMENT)], "firing", "first_firing"),
        ("resolved", T0, [], "resolved", "recovered_unseen"),
        ("resolved", T0, [KnownFiring(T0, "firing", WHILE)], "resolved", "recovered"),
        ("resolved", T0, [KnownFiring(T0, "resolved", WHILE)], "resolved", "recovered_already"),
    ],
)
def test_receipt(incoming: Any, starts_at: datetime, known: list[KnownFiring], status: str, reason: str):
    decided = rules.receipt(incoming, starts_at, known, NOW)
    assert (decided.status, decided.reason) == (status, reason)
    assert decided.is_trouble == (status == "firing")


@pytest.mark.parametrize(
    ("row", "starts_at", "ends_at", "over"),
    [
        (KnownFiring(T0, "firing", NOW), T0, NOW, True),
        (KnownFiring(T0, "firing", NOW), T1, None, True),
        (KnownFiring(T1, "firing", NOW), T0, None, False),
        (KnownFiring(T1, "firing", NOW), T0, NOW, True),
        (KnownFiring(T1, "firing", NOW), T0, T0 + timedelta(minutes=1), False),
        (KnownFiring(T0, "resolved", NOW), T0, NOW, False),
    ],
)
def test_what_a_resolved_alert_ends(row: KnownFiring, starts_at: datetime, ends_at: datetime | None, over: bool):
    assert rules.is_over(row, starts_at, ends_at) == over
