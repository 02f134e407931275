"""Alertmanager's webhook bodies: the captured ones, and made ones of the same shape."""

import json
from pathlib import Path
from typing import Any

PAYLOADS = Path(__file__).parent / "alertmanager_payloads"


def captured(name: str) -> bytes:
    """A body as Alertmanager sent it."""
    return (PAYLOADS / f"{name}.json").read_bytes()


def alert(fingerprint: str = "a" * 16, status: str = "firing", **members: Any) -> dict[str, Any]:
    """One alert, on a host of its own; `members` replace what it has."""
    return {
        "status": status,
        "labels": {
            "alertname": "ContainerDown",
            "severity": "critical",
            "container": "web",
            "instance": f"{fingerprint}:9100",
        },
        "annotations": {"summary": "web is down"},
        "startsAt": "2026-01-02T03:04:05.678901Z",
        "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else "2026-01-02T04:00:00Z",
        "generatorURL": "http://prometheus:9090/graph?g0.expr=up",
        "fingerprint": fingerprint,
        **members,
    }


def body(*alerts: dict[str, Any], **members: Any) -> bytes:
    """A webhook of version 4 with these alerts."""
    webhook = {
        "receiver": "nightdesk",
        "status": "firing",
        "alerts": list(alerts),
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager:9093",
        "version": "4",
        "groupKey": "{}:{}",
        "truncatedAlerts": 0,
        **members,
    }
    return json.dumps(webhook).encode()
