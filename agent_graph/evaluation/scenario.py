"""A scenario's folder: its files read and checked, and the case file they make."""

import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field

from agent_graph.sources.signs import when
from backend.alert import rules as alert_rules
from backend.alert.formats import alertmanager
from backend.alert.kinds import ParsedAlert
from backend.errors import NightdeskError
from backend.incident.rules import Runtime, SourceType
from backend.investigation.kinds import AlertFact, CaseFile, CheckFact, MonitorFact, Target, Verdict

_MOST_BYTES = 50 * 2**20


class BrokenScenario(Exception):
    """The scenario cannot be replayed; the sentence says why."""


class Expected(BaseModel):
    """expected.yaml."""

    model_config = ConfigDict(extra="ignore")

    verdict: Verdict
    category: str | None = None
    any_of: list[str] = Field(default_factory=list[str])
    required: list[list[str]] = Field(default_factory=list[list[str]])
    forbidden: list[str] = Field(default_factory=list[str])
    acceptable_actions: list[str] = Field(default_factory=list[str])
    forbidden_actions: list[str] = Field(default_factory=list[str])
    doubtful: str | None = None


@dataclass(frozen=True)
class Scenario:
    """Everything recorded. `files`: parsed JSON by its path inside the folder."""

    name: str
    case: CaseFile
    expected: Expected
    logs: list[dict[str, Any]] | None = None
    metrics: Any = None
    kubernetes: dict[str, Any] = field(default_factory=dict[str, Any])
    docker: dict[str, Any] = field(default_factory=dict[str, Any])
    docker_events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    postgres: dict[str, Any] = field(default_factory=dict[str, Any])
    changes: list[dict[str, Any]] | None = None


def find(folder: Path) -> list[Path]:
    """The folder itself, or every scenario below it."""
    if (folder / "scenario.yaml").is_file():
        return [folder]
    below = {path.parent for name in ("scenario.yaml", "expected.yaml") for path in folder.rglob(name)}
    return sorted(below)


def load(folder: Path) -> Scenario:
    """Raises BrokenScenario."""
    try:
        return _load(folder)
    except BrokenScenario:
        raise
    except NightdeskError as error:
        raise BrokenScenario(f"alert.json: {error.detail}") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError, RecursionError) as error:
        raise BrokenScenario(" ".join(f"{type(error).__name__}: {error}".split())[:300]) from error


def _load(folder: Path) -> Scenario:
    about = _yaml(folder / "scenario.yaml")
    expected = Expected.model_validate(_yaml(folder / "expected.yaml"))
    now = _now(about.get("now"))
    lines = folder / "logs.jsonl"
    changes, metrics = folder / "changes.jsonl", folder / "metrics.json"
    return Scenario(
        name=folder.name,
        case=_case(folder, about, now),
        expected=expected,
        logs=_jsonl(lines) if lines.exists() else None,
        metrics=_json(metrics) if metrics.exists() else None,
        kubernetes=_folder(folder / "kubernetes"),
        docker=_folder(folder / "docker"),
        docker_events=_jsonl(folder / "docker" / "events.jsonl")
        if (folder / "docker" / "events.jsonl").exists()
        else [],
        postgres=_folder(folder / "postgres"),
        changes=_jsonl(changes) if changes.exists() else None,
    )


def _yaml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise BrokenScenario(f"there is no {path.name}")
    found: Any = yaml.safe_load(path.read_text("utf-8"))
    if not isinstance(found, dict):
        raise BrokenScenario(f"{path.name} is not a mapping")
    return cast(dict[str, Any], found)


def _json(path: Path) -> Any:
    if path.stat().st_size > _MOST_BYTES:
        raise BrokenScenario(f"{path.name} is larger than {_MOST_BYTES >> 20} MiB")
    try:
        return json.loads(path.read_text("utf-8", errors="replace"))
    except ValueError as error:
        raise BrokenScenario(f"{path.parent.name}/{path.name} is not JSON: {error}") from None


def _jsonl(path: Path) -> list[dict[str, Any]]:
    """Objects, one a line. A line cut off in the middle is what recordings end with: it is left out."""
    found: list[dict[str, Any]] = []
    for line in path.read_text("utf-8", errors="replace").splitlines():
        try:
            row: Any = json.loads(line) if line.strip() else None
        except ValueError:
            continue
        if isinstance(row, dict):
            found.append(cast(dict[str, Any], row))
    return found


def _folder(path: Path) -> dict[str, Any]:
    return {f"{path.name}/{file.name}": _json(file) for file in sorted(path.glob("*.json"))} if path.is_dir() else {}


def _now(value: Any) -> datetime:
    at = value if isinstance(value, datetime) else when(str(value or ""))
    if at is None:
        raise BrokenScenario("scenario.yaml: `now` is not a time")
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _case(folder: Path, about: dict[str, Any], now: datetime) -> CaseFile:
    alert, monitor = folder / "alert.json", folder / "monitor.json"
    if not alert.exists() and not monitor.exists():
        raise BrokenScenario("there is neither alert.json nor monitor.json")
    batch = alertmanager.parse(alert.read_bytes(), now) if alert.exists() else None
    alerts = sorted(batch.alerts, key=lambda a: (a.status != "firing", a.starts_at)) if batch else []
    watched = _monitor(_json(monitor), now) if monitor.exists() else None
    if batch is not None and not alerts and watched is None:
        raise BrokenScenario("alert.json holds no alert")
    firing = any(a.status == "firing" for a in alerts) or (watched is not None and watched.status == "down")
    began = min((a.starts_at for a in alerts if a.status == alerts[0].status), default=None)
    down = [check.at for check in watched.checks if check.status == "down"] if watched else []
    started = began or min(down, default=now)
    labels = alerts[0].labels if alerts else {}
    severity = alert_rules.severity(labels)
    return CaseFile(
        incident_id=uuid.uuid5(uuid.NAMESPACE_URL, str(folder)),
        team_id=uuid.UUID(int=0),
        investigation_id=uuid.uuid5(uuid.NAMESPACE_OID, str(folder)),
        number=1,
        round=1,
        title=str(
            about.get("title")
            or (alert_rules.title(alerts[0].name, alerts[0].annotations, "") if alerts else folder.name)
        ),
        description=alert_rules.description(alerts[0].annotations) if alerts else None,
        severity=severity,
        target=_target(cast(dict[str, Any], about.get("target") or {}), labels, watched),
        started_at=max(min(started, now), now - timedelta(days=7)),
        now=now,
        firing=firing,
        occurrences=1,
        alerts=[_fact(one) for one in alerts],
        monitor=watched,
        hooks=[],
        past_actions=[],
        timeline=[],
    )


def _fact(one: ParsedAlert) -> AlertFact:
    return AlertFact(
        name=one.name,
        status=one.status,
        severity=alert_rules.severity(one.labels),
        labels=one.labels,
        annotations=one.annotations,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        generator_url=one.generator_url,
    )


def _target(given: dict[str, Any], labels: dict[str, str], watched: MonitorFact | None) -> Target:
    """What the scenario says, and for the rest what the alert's labels mean to the live product."""
    subject = alert_rules.subject(labels) if labels else None
    source = given.get("source_type")
    runtime = given.get("runtime")
    kind = str(given.get("kind") or "").lower()
    name = str(given.get("name") or (subject.target if subject else watched.name if watched else "unknown"))
    extra = {str(k): str(v) for k, v in given.items() if isinstance(v, str | int)}
    known = {kind: name} if kind in ("deployment", "statefulset", "daemonset", "pod", "node", "cronjob") else {}
    fallback: SourceType = subject.source_type if subject else "monitor"
    said = given.get("runtime")
    return Target(
        name=name,
        source_type=cast(SourceType, source)
        if source in get_args(SourceType)
        else "host"
        if kind == "node"
        else fallback,
        runtime=cast(Runtime, runtime)
        if runtime in get_args(Runtime)
        else None
        if said
        else subject and subject.container_runtime,
        namespace=given.get("namespace") or (subject.namespace if subject else None),
        server_name=subject.server_name if subject else None,
        labels={**labels, **{k: v for k, v in extra.items() if k in ("container", "pod", "app", "service")}, **known},
    )


def _monitor(found: Any, now: datetime) -> MonitorFact:
    """A flip: the monitor (or its fields beside it), what it turned to and when, and the checks around it."""
    whole = cast(dict[str, Any], found)
    inner: Any = whole.get("monitor")
    about: dict[str, Any] = {**whole, **cast(dict[str, Any], inner)} if isinstance(inner, dict) else whole
    status = str(whole.get("to") or whole.get("status") or about.get("status") or "down").lower()
    at = next(
        (t for key in ("at", "ts", "flipped_at", "since", "time") if (t := when(whole.get(key)))),
        now - timedelta(minutes=5),
    )
    rows: Any = whole.get("checks") or about.get("checks") or []
    checks = [check for row in rows if (check := _check(row)) is not None]
    if not checks:
        said = str(whole.get("error") or whole.get("reason") or whole.get("message") or "") or None
        turned = "down" if status == "down" else "up"
        checks = [
            CheckFact(status=turned, at=at, error=said if turned == "down" else None),
            CheckFact(status="up" if turned == "down" else "down", at=at - timedelta(minutes=1)),
        ]
    return MonitorFact(
        id=uuid.UUID(int=1),
        name=str(about.get("name") or "monitor"),
        type=str(about.get("type") or "http"),
        address=str(about.get("address") or about.get("url") or about.get("target") or ""),
        status=status,
        config=cast(dict[str, Any], about.get("config") or {}),
        checks=sorted(checks, key=lambda check: check.at, reverse=True),
    )


def _check(row: dict[str, Any]) -> CheckFact | None:
    at = next((t for key in ("at", "ts", "checked_at", "time") if (t := when(row.get(key)))), None)
    status = str(row.get("status") or ("up" if row.get("ok") else "down")).lower()
    if at is None or status not in ("up", "down", "unknown"):
        return None
    took, code = row.get("response_time_ms") or row.get("latency_ms"), row.get("status_code") or row.get("code")
    return CheckFact(
        status=cast(Any, status),
        at=at,
        response_time_ms=int(took) if took is not None else None,
        status_code=int(code) if code else None,
        error=row.get("error") or row.get("error_message"),
        detail=row.get("detail") or row.get("body"),
    )
