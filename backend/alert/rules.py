"""What an alert means: how bad it is, what it says, and what one more receipt of it changes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from backend.alert.kinds import AlertStatus
from backend.incident.rules import Severity

Labels = Mapping[str, str]

SEVERITY_LABELS = ("severity", "priority", "level")
DEFAULT_SEVERITY: Severity = "medium"
SEVERITIES: dict[str, Severity] = {
    **dict.fromkeys(
        ("critical", "crit", "page", "emergency", "fatal", "disaster", "p0", "p1", "sev0", "sev1"), "critical"
    ),
    **dict.fromkeys(("high", "error", "major", "alert", "p2", "sev2"), "high"),
    **dict.fromkeys(("medium", "warning", "warn", "average", "ticket", "p3", "sev3"), "medium"),
    **dict.fromkeys(("low", "info", "information", "informational", "notice", "minor", "none", "debug"), "low"),
    **dict.fromkeys(("p4", "p5", "sev4", "sev5"), "low"),
}

_TITLE_CHARS = 300
_DESCRIPTION_CHARS = 4_000


def severity(labels: Labels) -> Severity:
    """The first severity label with a word we know; medium when there is none."""
    for label in SEVERITY_LABELS:
        known = SEVERITIES.get(labels.get(label, "").strip().lower())
        if known is not None:
            return known
    return DEFAULT_SEVERITY


def title(name: str, annotations: Labels, target: str) -> str:
    """The summary its author wrote, on one line; else the alert's name and what it is about."""
    written = " ".join((annotations.get("summary") or annotations.get("title") or "").split())
    return (written or f"{name} on {target}")[:_TITLE_CHARS]


def description(annotations: Labels) -> str | None:
    """What its author wrote beyond the summary."""
    written = annotations.get("description") or annotations.get("message")
    return written[:_DESCRIPTION_CHARS] if written else None


def began(starts_at: datetime, now: datetime) -> datetime:
    """When the trouble began: never in the future, and now when the sender's time makes no sense."""
    return starts_at if now - timedelta(days=3650) < starts_at <= now else now


# One more receipt of a firing. The webhook carries no time of sending, so a copy that was under way while the alert was
# resolved (a replay, a second Alertmanager of a cluster) can only be told from a new outbreak by how soon it comes.
LATE_WITHIN = timedelta(seconds=30)

ReceiptReason = Literal[
    "first_firing", "still_firing", "fires_again", "late_copy", "recovered", "recovered_already", "recovered_unseen"
]


@dataclass(frozen=True, slots=True)
class KnownFiring:
    """A stored row of the same alert: when it started, and when we last heard something that mattered."""

    starts_at: datetime
    status: AlertStatus
    last_received_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt means: the row's status afterwards, whether an incident hears of it, and why."""

    status: AlertStatus
    reason: ReceiptReason

    @property
    def is_trouble(self) -> bool:
        return self.reason in ("first_firing", "still_firing", "fires_again")


def receipt(incoming: AlertStatus, starts_at: datetime, known: list[KnownFiring], now: datetime) -> Receipt:
    """Decides by what is stored of the same alert (any firing of it). The steps:

    1. Resolved is final for its firing, whether or not that was seen.
    2. A firing that was resolved a moment ago, itself or a later one of the same alert, is a late copy.
    3. Else it is trouble: for the first time, still, or again.
    """
    same = next((row for row in known if row.starts_at == starts_at), None)
    if incoming == "resolved":
        if same is None:
            return Receipt("resolved", "recovered_unseen")
        return Receipt("resolved", "recovered" if same.status == "firing" else "recovered_already")
    if same is not None and same.status == "firing":
        return Receipt("firing", "still_firing")
    over = (row for row in known if row.status == "resolved" and row.starts_at >= starts_at)
    if any(now - row.last_received_at < LATE_WITHIN for row in over):
        return Receipt("resolved", "late_copy")
    return Receipt("firing", "first_firing" if same is None else "fires_again")


def is_over(row: KnownFiring, starts_at: datetime, ends_at: datetime | None) -> bool:
    """Does a resolved alert (its start and end) also end this row? An alert that ended fired at no time before that.

    Covers the firing itself and those whose own end was never told, as after a restart of Alertmanager.
    """
    return row.status == "firing" and row.starts_at <= max(starts_at, ends_at or starts_at)
