"""Case files and evidence as the sources give them, for tests that need no source."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from agent_graph.logs.digest import digest
from agent_graph.sources.docker.state import describe, state_data, summarise
from agent_graph.sources.monitor_history import _history  # pyright: ignore[reportPrivateUsage]
from agent_graph.sources.series import Series, change_at
from agent_graph.sources.series import describe as describe_series
from backend.investigation.kinds import (
    AlertFact,
    CaseFile,
    CheckFact,
    Evidence,
    HookFact,
    MonitorFact,
    PastAction,
    Target,
)

NOW = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
BEGAN = NOW - timedelta(minutes=10)


def case(
    name: str = "web",
    *,
    source_type: Any = "container",
    runtime: Any = "docker",
    labels: dict[str, str] | None = None,
    alerts: Sequence[AlertFact] = (),
    monitor: MonitorFact | None = None,
    hooks: Sequence[HookFact] = (),
    past: Sequence[PastAction] = (),
    firing: bool = True,
    hint: str | None = None,
    started_at: datetime = BEGAN,
    now: datetime = NOW,
) -> CaseFile:
    return CaseFile(
        incident_id=uuid.uuid4(),
        team_id=uuid.uuid4(),
        investigation_id=uuid.uuid4(),
        number=1,
        round=1,
        title=f"{name} is down",
        description=None,
        severity="high",
        target=Target(name=name, source_type=source_type, runtime=runtime, labels=labels or {}),
        started_at=started_at,
        now=now,
        firing=firing,
        occurrences=1,
        alerts=list(alerts),
        monitor=monitor,
        hooks=list(hooks),
        past_actions=list(past),
        timeline=[],
        hint=hint,
    )


def alert(**changes: Any) -> AlertFact:
    values: dict[str, Any] = {
        "name": "ContainerDown",
        "status": "firing",
        "severity": "high",
        "labels": {"alertname": "ContainerDown", "name": "web"},
        "annotations": {"summary": "web is down"},
        "starts_at": BEGAN,
    }
    return AlertFact(**{**values, **changes})


def monitor(*checks: CheckFact, status: str = "down", **config: Any) -> MonitorFact:
    return MonitorFact(
        id=uuid.uuid4(),
        name="web",
        type="http",
        address="http://127.0.0.1:8080/",
        status=status,
        config=config,
        checks=list(checks),
    )


def down(
    error: str = "connection refused", *, minutes_ago: float = 1, code: int | None = None, said: str | None = None
) -> CheckFact:
    at = NOW - timedelta(minutes=minutes_ago)
    return CheckFact(status="down", at=at, error=error, status_code=code, detail=said)


def up(*, minutes_ago: float = 1) -> CheckFact:
    return CheckFact(status="up", at=NOW - timedelta(minutes=minutes_ago), response_time_ms=12, status_code=200)


def history(found: MonitorFact, label: str = "E1") -> Evidence:
    return _history(case(monitor=found), found).model_copy(update={"label": label})


def container(
    label: str = "E1",
    *,
    name: str = "web",
    of_target: bool = True,
    siblings: dict[str, str] | None = None,
    **state: Any,
) -> Evidence:
    """`state`: keys of Docker's State, plus restarts, memory, policy, health."""
    running = bool(state.pop("Running", False))
    health = state.pop("health", None)
    inspected = {
        "Name": f"/{name}",
        "Id": "0123456789abcdef",
        "RestartCount": state.pop("restarts", 0),
        "Config": {"Image": "app:1"},
        "HostConfig": {"Memory": state.pop("memory", 0), "RestartPolicy": {"Name": state.pop("policy", "no")}},
        "State": {
            "Status": "running" if running else "exited",
            "Running": running,
            "StartedAt": "2026-11-21T02:00:00Z",
            "FinishedAt": "0001-01-01T00:00:00Z" if running else "2026-11-21T03:00:05Z",
            **({"Health": {"Status": health, "FailingStreak": 3 if health == "unhealthy" else 0}} if health else {}),
            **state,
        },
    }
    data = state_data(inspected, of_target=of_target)
    data["siblings"] = siblings or {}
    return Evidence(
        label=label,
        source="docker",
        kind="state",
        title=f"State of container {name}",
        query=f"GET /containers/{name}/json",
        summary=summarise(data),
        content=describe(data),
        data=data,
        inventory=[name, *(siblings or {})],
    )


def logs(*lines: str, label: str = "E2", source: str = "docker") -> Evidence:
    """Lines without a time of their own get one, a second apart, around the start of the trouble."""
    stamped = [
        line if line[:1].isdigit() or line[:1] in " \t" else f"{BEGAN + timedelta(seconds=n):%Y-%m-%dT%H:%M:%SZ} {line}"
        for n, line in enumerate(lines)
    ]
    found = digest("\n".join(stamped))
    return Evidence(
        label=label,
        source=source,
        kind="log",
        title="Logs of web",
        query="docker logs web",
        summary=found.summary,
        content=found.content,
        data=found.data,
    )


def metric(role: str, *values: float, label: str = "E3", limit: float | None = None, unit: str = "") -> Evidence:
    start = BEGAN.timestamp() - 60
    series = Series({"name": "web"}, [(start + 15.0 * n, float(value)) for n, value in enumerate(values)])
    line = describe_series(series, unit, limit)
    return Evidence(
        label=label,
        source="prometheus",
        kind="metric",
        title=role,
        query=f"{role}{{}}",
        summary=line,
        content=line,
        data={
            "role": role,
            "series": [{"labels": series.labels, "points": [list(p) for p in series.points]}],
            "unit": unit,
            "limit": limit,
            "change_at": change_at(series),
        },
    )


def hook(name: str = "restart-web", *categories: str, schema: dict[str, Any] | None = None) -> HookFact:
    empty: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
    return HookFact(
        name=name, description="Restarts it.", categories=list(categories), params_schema=schema or empty, risk="medium"
    )


def tried(kind: str, target: str = "web", *, verification: str | None = "not_recovered", **params: Any) -> PastAction:
    return PastAction(kind=kind, params=params, target=target, status="succeeded", verification=verification, at=NOW)
