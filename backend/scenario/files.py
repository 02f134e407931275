"""The files of a scenario (docs/evaluation.md), from the record of a finished incident. The same gives the same."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import yaml

from backend.investigation.kinds import AlertFact, CaseFile, Evidence, MonitorFact
from backend.scenario.kinds import Outcome, Record
from backend.scenario.lines import rows_of
from backend.scenario.privacy import hider, without

Json = dict[str, Any]

_REVIEW = (
    "# Written from what the incident turned out to be. Review it before you rely on it: is this what happened, would\n"
    "# another category be right, too (any_of), what must a right answer say (required), which action would harm?\n"
)
_STATES = ("docker", "kubernetes", "postgres")
# What the product found in its own records; the case says it, or it is the team's memory and nobody else's.
_OURS = ("alert", "monitor_history", "changes", "similar", "runbooks")
_KINDS = ("deployment", "statefulset", "daemonset", "cronjob", "node", "pod")
_NAMES = ("container", "pod", "app", "service")
# The earliest time a zip can say: when it was exported is nobody's business, and would make every export another file.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_ORDINARY_FILE = 0o644 << 16


def files_of(record: Record) -> dict[str, str]:
    """Text by path. A file for which nothing was found is absent."""
    case, hidden = record.case, hider(record.patterns, record.people)
    found = [one for one in record.evidence if one.error is None and one.source not in _OURS]
    logs = [one for one in found if one.kind == "log" and "State.Health.Log" not in one.query]
    whole: dict[str, Any] = {"scenario.yaml": _about(case), "expected.yaml": _expected(record.outcome)}
    whole |= {"monitor.json": _monitor(case.monitor)} if case.monitor else {}
    if case.alerts or not case.monitor:
        whole["alert.json"] = _alerts(case)
    lines: dict[str, list[Json]] = {"logs.jsonl": rows_of(case, logs, hidden), "changes.jsonl": _changes(case)}
    metrics = [one for one in found if one.kind == "metric"]
    whole |= {"metrics.json": _metrics(metrics)} if metrics else {}
    for source in _STATES:
        kept = [one for one in found if one.source == source and one not in logs and one not in metrics]
        whole |= {f"{source}/evidence.json": _kept(kept)} if kept else {}
    told = {path: _text(path, without(content, hidden)) for path, content in whole.items()}
    told |= {path: _jsonl(without(rows, hidden)) for path, rows in lines.items() if rows}
    return dict(sorted(told.items()))


def zipped(files: Mapping[str, str], folder: str) -> bytes:
    """One folder with the files in it; the same files give the same bytes."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{folder}/{path}", _NO_TIME)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _ORDINARY_FILE, 3
            archive.writestr(entry, content)
    return whole.getvalue()


def _text(path: str, content: Any) -> str:
    if path.endswith(".yaml"):
        said = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)
        return _REVIEW + said if path == "expected.yaml" else said
    return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _jsonl(rows: list[Json]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows)


def _about(case: CaseFile) -> Json:
    target, labels = case.target, case.target.labels
    kind = next((kind for kind in _KINDS if labels.get(kind) == target.name), None)
    known = {
        "source_type": target.source_type,
        "runtime": target.runtime,
        "kind": kind,
        "name": target.name,
        "namespace": target.namespace,
        **{name: labels[name] for name in _NAMES if labels.get(name)},
    }
    about = {key: value for key, value in known.items() if value}
    return {"now": case.now.isoformat(), "title": case.title, "target": about}


def _alerts(case: CaseFile) -> Json:
    """As Alertmanager would have said it. What a person reported is told as an alert of theirs."""
    alerts = case.alerts or [
        AlertFact(
            name=case.title,
            status="firing" if case.firing else "resolved",
            severity=case.severity,
            labels=case.target.labels,
            annotations={"description": case.description} if case.description else {},
            starts_at=case.started_at,
        )
    ]
    firing = any(alert.status == "firing" for alert in alerts)
    status = "firing" if firing else "resolved"
    return {"version": "4", "status": status, "receiver": "nightdesk", "alerts": [_alert(one) for one in alerts]}


def _alert(alert: AlertFact) -> Json:
    ended = {"endsAt": alert.ends_at.isoformat()} if alert.ends_at else {}
    told = {
        "status": alert.status,
        "labels": {"alertname": alert.name, "severity": alert.severity, **alert.labels},
        "annotations": alert.annotations,
        "startsAt": alert.starts_at.isoformat(),
        **ended,
    }
    return {**told, "generatorURL": alert.generator_url} if alert.generator_url else told


def _monitor(monitor: MonitorFact) -> Json:
    return {
        "monitor": monitor.model_dump(mode="json", include={"name", "type", "address", "status", "config"}),
        "checks": [check.model_dump(mode="json", exclude_none=True) for check in monitor.checks],
    }


def _changes(case: CaseFile) -> list[Json]:
    """Without who did it."""
    changes = sorted(case.changes, key=lambda change: change.at)
    return [
        {
            "ts": change.at.isoformat(),
            "kind": change.kind,
            "target": change.target,
            "summary": f"{change.summary} ({change.ref})" if change.ref else change.summary,
        }
        for change in changes
    ]


def _metrics(metrics: list[Evidence]) -> Json:
    """The series as Prometheus prints a range, and beside them what was read from them."""
    series: list[Json] = [row for one in metrics for row in one.data.get("series", [])]
    result = [
        {"metric": row.get("labels", {}), "values": [[at, str(value)] for at, value in row.get("points", [])]}
        for row in series
    ]
    return {"data": {"resultType": "matrix", "result": result}, **_kept(metrics)}


def _kept(found: list[Evidence]) -> Json:
    return {"evidence": [one.model_dump(mode="json", exclude={"label", "error"}) for one in found]}


def _expected(outcome: Outcome) -> Json:
    wanted: Json = {"verdict": outcome.verdict}
    wanted |= {"category": outcome.category} if outcome.category and outcome.verdict == "incident" else {}
    wanted |= {"root_cause": outcome.root_cause} if outcome.root_cause else {}
    wanted["stated_by"] = "a person" if outcome.by_person else "the agent"
    remedy = outcome.remedy
    if remedy:
        wanted["executed"] = {"action": remedy.kind, "worked": remedy.worked}
    if remedy and remedy.worked:
        wanted["acceptable_actions"] = [remedy.kind]
    elif outcome.verdict == "not_an_incident":
        wanted["acceptable_actions"] = ["none"]
    return wanted
