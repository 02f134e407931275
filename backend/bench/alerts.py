"""Alertmanager bodies for the benchmarks, as version 4 of its webhook sends them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

# Firing for a while already, and the same for every repetition: fingerprint and start are an alert's identity.
STARTED = (datetime.now(UTC) - timedelta(minutes=1)).isoformat().replace("+00:00", "Z")


def alert(name: str, number: int, target: str | None = None) -> dict[str, Any]:
    """One firing alert; `number` makes it distinct."""
    return {
        "status": "firing",
        "labels": {
            "alertname": name,
            "severity": "warning",
            "instance": f"10.0.{number // 250 % 250}.{number % 250}:9100",
            "container": target or f"service-{number}",
            "job": "bench",
        },
        "annotations": {"summary": f"{name} on service {number}", "description": "made by nightdesk bench"},
        "startsAt": STARTED,
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example/graph?g0.expr=up+%3D%3D+0",
        "fingerprint": f"{number:016x}",
    }


def body(alerts: Sequence[dict[str, Any]]) -> bytes:
    """The webhook body of one group."""
    name = alerts[0]["labels"]["alertname"]
    return orjson.dumps(
        {
            "version": "4",
            "groupKey": f'{{}}:{{alertname="{name}"}}',
            "truncatedAlerts": 0,
            "status": "firing",
            "receiver": "nightdesk",
            "groupLabels": {"alertname": name},
            "commonLabels": {"alertname": name, "job": "bench", "severity": "warning"},
            "commonAnnotations": {},
            "externalURL": "http://alertmanager.example:9093",
            "alerts": list(alerts),
        }
    )


def groups(name: str, numbers: range, size: int) -> list[bytes]:
    """Bodies of at most `size` alerts each, for all the numbers."""
    alerts = [alert(name, number) for number in numbers]
    return [body(alerts[at : at + size]) for at in range(0, len(alerts), size)]
