"""Alertmanager's webhook body, version 4: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config.

Strict about what decides anything (status, labels, times), indifferent to members it does not know.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from backend.alert.clean import Cleared
from backend.alert.kinds import AlertStatus, Batch, ParsedAlert
from backend.errors import NightdeskError
from backend.redaction.redact import redact, redact_named

SOURCE = "alertmanager"

NAME_CHARS = 256
LABEL_CHARS = 4_096
ANNOTATION_CHARS = 16_384
URL_CHARS = 4_096
PAIRS = 128
FINGERPRINT_CHARS = 256

# Go's zero time, year 1, is how "not set" looks on the wire. A start that is not known is kept as this constant, so
# that every repetition of the alert finds the same row.
UNKNOWN_START = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)

_PROBLEMS_SHOWN = 5
# Redaction looks at no more text than this as one piece: what is joined for one look stays below, so that nothing that
# it would find in a part escapes it in the whole.
_ONE_LOOK_CHARS = 2_000
# Of this process: whoever sends, the same text holds the same.
_CLEARED = Cleared()

Text = Annotated[str, StringConstraints(strict=True)]


class NotAnAlertmanagerBody(NightdeskError):
    """The body is not an Alertmanager webhook of version 4."""

    status, code = 422, "invalid_alerts"


class MalformedJson(NightdeskError):
    """The body is not JSON in UTF-8."""

    status, code = 400, "malformed_json"


class _Alert(BaseModel):
    model_config = ConfigDict(extra="ignore")

    status: Literal["firing", "resolved"]
    labels: dict[Text, Text]
    annotations: dict[Text, Text] | None = None
    startsAt: Text | None = None
    endsAt: Text | None = None
    generatorURL: Text | None = None
    fingerprint: Text | None = None


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore")

    version: Literal["4"] = "4"
    alerts: list[_Alert]
    receiver: Text | None = None
    externalURL: Text | None = None
    groupKey: Text | None = None
    truncatedAlerts: int | None = Field(default=0, ge=0)


def parse(body: bytes, now: datetime) -> Batch:
    """Reads one webhook body. Raises MalformedJson or NotAnAlertmanagerBody with what is wrong, and where."""
    parsed = _validated(body)
    if b"\\u0000" in body and _has_nul(parsed):
        raise NotAnAlertmanagerBody("A string contains the character NUL (\\u0000), which cannot be stored.")
    notes: list[str] = []
    firings: dict[tuple[str, datetime], ParsedAlert] = {}
    for raw in parsed.alerts:
        alert = _alert(raw, now, notes)
        key = (alert.fingerprint, alert.starts_at)
        firings[key] = _merged(firings[key], alert) if key in firings else alert
    left_out = parsed.truncatedAlerts or 0
    if left_out:
        notes.append(f"{left_out} alerts were left out by Alertmanager (max_alerts)")
    return Batch(
        source=SOURCE,
        received=len(parsed.alerts),
        alerts=tuple(firings.values()),
        left_out=left_out,
        external_url=_capped(parsed.externalURL, URL_CHARS),
        group_key=_capped(parsed.groupKey, URL_CHARS),
        receiver=_capped(parsed.receiver, NAME_CHARS),
        notes=tuple(dict.fromkeys(notes)),
    )


def _validated(body: bytes) -> _Body:
    try:
        return _Body.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
    if found[0]["type"] == "json_invalid":
        raise MalformedJson(f"The body is not JSON in UTF-8: {found[0]['msg'].removeprefix('Invalid JSON: ')}.")
    problems = [{"at": ".".join(map(str, e["loc"]))[:200], "problem": e["msg"]} for e in found[:_PROBLEMS_SHOWN]]
    first = problems[0]
    where = f" at {first['at']}" if first["at"] else ""
    raise NotAnAlertmanagerBody(
        f"The body is not an Alertmanager webhook of version 4{where}: {first['problem'].lower()}.", problems=problems
    )


def _has_nul(body: _Body) -> bool:
    texts: list[str | None] = [body.receiver, body.externalURL, body.groupKey]
    for alert in body.alerts:
        texts += [alert.startsAt, alert.endsAt, alert.generatorURL, alert.fingerprint]
        for pairs in (alert.labels, alert.annotations or {}):
            texts += [*pairs.keys(), *pairs.values()]
    return any("\x00" in text for text in texts if text)


def _alert(raw: _Alert, now: datetime, notes: list[str]) -> ParsedAlert:
    name = raw.labels.get("alertname") or "Alert"
    labels = _pairs(raw.labels, LABEL_CHARS, f"a label of {name[:100]}", notes)
    annotations = _pairs(raw.annotations or {}, ANNOTATION_CHARS, f"an annotation of {name[:100]}", notes)
    url = raw.generatorURL or ""
    resolved = raw.status == "resolved"
    if not _is_clean(name, url, labels, annotations):
        # The names of labels do not count: `secret` and `token` are what objects of Kubernetes are called.
        name, url, labels = redact(name), redact(url), {key: redact(value) for key, value in labels.items()}
        annotations = redact_named(annotations)
    return ParsedAlert(
        fingerprint=_fingerprint(raw),
        status=raw.status,
        name=_capped(name, NAME_CHARS) or "Alert",
        labels=labels,
        annotations=annotations,
        starts_at=_start(raw.startsAt, notes),
        ends_at=_end(raw.endsAt, now, notes) if resolved else None,
        generator_url=_capped(url, URL_CHARS),
    )


def _is_clean(name: str, url: str, labels: Mapping[str, str], annotations: Mapping[str, str]) -> bool:
    """Whether one look shows that there is nothing to hide, as nearly always."""
    whole = "\n".join((name, url, *labels.values(), *(f"{key}={value}" for key, value in annotations.items())))
    return len(whole) <= _ONE_LOOK_CHARS and _CLEARED.is_clean(whole)


def _merged(one: ParsedAlert, other: ParsedAlert) -> ParsedAlert:
    """Two statements about one firing: that it is over can only be the later one."""
    status: AlertStatus = "resolved" if "resolved" in (one.status, other.status) else "firing"
    return replace(other, status=status, ends_at=other.ends_at or one.ends_at)


def _fingerprint(raw: _Alert) -> str:
    """Alertmanager's own; for senders that leave it out, one that the same labels always get."""
    given = raw.fingerprint
    if given and len(given) <= FINGERPRINT_CHARS:
        return given
    identity = given or "\x01".join(f"{k}\x02{v}" for k, v in sorted(raw.labels.items()))
    return hashlib.sha256(identity.encode()).hexdigest()[:32]


def _pairs(pairs: Mapping[str, str], limit: int, what: str, notes: list[str]) -> dict[str, str]:
    if len(pairs) <= PAIRS and _longest(pairs) <= NAME_CHARS and _longest(pairs.values()) <= limit:
        return dict(pairs)
    notes.append(f"{what} was shortened")
    kept = sorted(pairs.items())[:PAIRS] if len(pairs) > PAIRS else pairs.items()
    return {k[:NAME_CHARS]: _shortened(v, limit) for k, v in kept}


def _longest(texts: Iterable[str]) -> int:
    return max(map(len, texts), default=0)


def _shortened(value: str, limit: int) -> str:
    return value if len(value) <= limit else f"{value[:limit]}… ({len(value) - limit} characters left out)"


def _capped(value: str | None, limit: int) -> str | None:
    return value[:limit] if value else None


def _start(value: str | None, notes: list[str]) -> datetime:
    at = _time(value, "startsAt")
    if at is None or at < UNKNOWN_START:
        notes.append("an alert does not say when it started")
        return UNKNOWN_START
    if at > LATEST:
        notes.append(f"a start far in the future was taken as the year {LATEST.year}")
        return LATEST
    return at


def _end(value: str | None, now: datetime, notes: list[str]) -> datetime | None:
    """None when it is not set. What is resolved ended in the past, whatever the sender's clock says."""
    at = _time(value, "endsAt")
    if at is None or at < UNKNOWN_START:
        return None
    if at > now + timedelta(days=1):
        notes.append("an end far in the future was taken as now")
        return None
    return at


def _time(value: str | None, what: str) -> datetime | None:
    """RFC 3339 as Go writes it: up to nanoseconds, of which microseconds are kept. Year 1 in any zone: not set."""
    if not value or value.startswith("0001-"):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise NotAnAlertmanagerBody(f"{what} is not a time as in RFC 3339: {value[:64]!r}.") from None
    if at.tzinfo is None:
        return at.replace(tzinfo=UTC)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return LATEST + timedelta(days=1) if at.year > 2000 else None
