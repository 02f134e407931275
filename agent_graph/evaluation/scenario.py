"""A scenario's folder: its files read and checked, and the case file they make."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, cast, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from agent_graph.evaluation.reading import BrokenScenario, Folder
from agent_graph.sources.signs import when
from backend.alert import rules as alert_rules
from backend.alert.formats import alertmanager
from backend.alert.kinds import ParsedAlert
from backend.alert.subject import subject_of
from backend.errors import NightdeskError
from backend.incident.rules import Runtime, SourceType
from backend.investigation.kinds import AlertFact, CaseFile, CheckFact, MonitorFact, Target, Verdict

# Windows reach some days further each way.
_FIRST_YEAR, _LAST_YEAR = 1970, 9000


def _listed(value: Any) -> Any:
    return [] if value is None else value if isinstance(value, list) else [value]


Words = Annotated[list[str], BeforeValidator(_listed)]
Groups = Annotated[list[Words], BeforeValidator(_listed)]


class Expected(BaseModel):
    """expected.yaml."""

    # People write 137 where a word is meant, and one word where a list is.
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    verdict: Verdict
    category: str | None = None
    any_of: Words = Field(default_factory=list[str])
    required: Groups = Field(default_factory=list[list[str]])
    forbidden: Words = Field(default_factory=list[str])
    acceptable_actions: Words = Field(default_factory=list[str])
    forbidden_actions: Words = Field(default_factory=list[str])
    doubtful: str | None = None


@dataclass(frozen=True)
class Scenario:
    """Everything recorded. Folders: parsed JSON by path. `unreadable`: files that are missing evidence, and why."""

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
    unreadable: list[str] = field(default_factory=list[str])


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
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BrokenScenario(f"{error.title}: {where}: {first['msg']}") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise BrokenScenario(" ".join(f"{type(error).__name__}: {error}".split())[:300]) from error


def _load(path: Path) -> Scenario:
    folder = Folder(path)
    about = folder.yaml("scenario.yaml")
    expected = Expected.model_validate(folder.yaml("expected.yaml"))
    return Scenario(
        name=path.name,
        case=_case(folder, about, _now(about.get("now"))),
        expected=expected,
        logs=folder.lines("logs.jsonl"),
        metrics=folder.evidence("metrics.json"),
        kubernetes=folder.evidence_in("kubernetes"),
        docker=folder.evidence_in("docker"),
        docker_events=folder.lines("docker/events.jsonl") or [],
        postgres=folder.evidence_in("postgres"),
        changes=folder.lines("changes.jsonl"),
        unreadable=folder.unreadable,
    )


def _now(value: Any) -> datetime:
    at = value if isinstance(value, datetime) else when(str(value or ""))
    if at is None:
        raise BrokenScenario("scenario.yaml: `now` is not a time")
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise BrokenScenario(f"scenario.yaml: `now` is not between {_FIRST_YEAR} and {_LAST_YEAR}")
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _case(folder: Folder, about: dict[str, Any], now: datetime) -> CaseFile:
    if not folder.has("alert.json") and not folder.has("monitor.json"):
        raise BrokenScenario("there is neither alert.json nor monitor.json")
    batch = alertmanager.parse(folder.read("alert.json"), now) if folder.has("alert.json") else None
    alerts = sorted(batch.alerts, key=lambda a: (a.status != "firing", a.starts_at)) if batch else []
    watched = _monitor(folder.json("monitor.json"), now) if folder.has("monitor.json") else None
    if batch is not None and not alerts and watched is None:
        raise BrokenScenario("alert.json holds no alert")
    firing = any(a.status == "firing" for a in alerts) or (watched is not None and watched.status == "down")
    began = min((a.starts_at for a in alerts if a.status == alerts[0].status), default=None)
    down = [check.at for check in watched.checks if check.status == "down"] if watched else []
    started = began or min(down, default=now)
    labels = alerts[0].labels if alerts else {}
    severity = alert_rules.severity(labels)
    return CaseFile(
        incident_id=uuid.uuid5(uuid.NAMESPACE_URL, str(folder.path)),
        team_id=uuid.UUID(int=0),
        investigation_id=uuid.uuid5(uuid.NAMESPACE_OID, str(folder.path)),
        number=1,
        round=1,
        title=str(
            about.get("title")
            or (alert_rules.title(alerts[0].name, alerts[0].annotations, "") if alerts else folder.path.name)
        ),
        description=alert_rules.description(alerts[0].annotations) if alerts else None,
        severity=severity,
        target=_target(_mapping(about.get("target"), "scenario.yaml: `target`"), labels, watched),
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


def _mapping(value: Any, what: str) -> dict[str, Any]:
    if value is not None and not isinstance(value, dict):
        raise BrokenScenario(f"{what} is not a mapping")
    return cast(dict[str, Any], value or {})


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
    subject = subject_of(labels) if labels else None
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
        namespace=str(given.get("namespace") or "") or (subject.namespace if subject else None),
        server_name=subject.server_name if subject else None,
        labels={**labels, **{k: v for k, v in extra.items() if k in ("container", "pod", "app", "service")}, **known},
    )


def _monitor(found: Any, now: datetime) -> MonitorFact:
    """A flip: the monitor (or its fields beside it), what it turned to and when, and the checks around it."""
    whole = _mapping(found, "monitor.json")
    inner: Any = whole.get("monitor")
    about: dict[str, Any] = {**whole, **cast(dict[str, Any], inner)} if isinstance(inner, dict) else whole
    status = str(whole.get("to") or whole.get("status") or about.get("status") or "down").lower()
    at = next(
        (t for key in ("at", "ts", "flipped_at", "since", "time") if (t := when(whole.get(key)))),
        now - timedelta(minutes=5),
    )
    rows: Any = whole.get("checks") or about.get("checks") or []
    checks = [check for row in rows if isinstance(row, dict) and (check := _check(cast(dict[str, Any], row)))]
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
        config=_mapping(about.get("config"), "monitor.json: `config`"),
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
