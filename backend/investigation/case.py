"""What the agent is told: the case file, read from everything that is known when the case is opened.

Alerts and monitors belong to sibling packages, so their rows are read here by name, not through their classes.
"""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.action.model import Action
from backend.incident.model import Incident, IncidentEvent
from backend.incident.rules import Severity
from backend.investigation.changes import changes_around
from backend.investigation.kinds import AlertFact, CaseFile, CheckFact, MonitorFact, PastAction, Target
from backend.redaction.clean import clean
from backend.redaction.patterns import compile_pattern, hide
from backend.redaction.redact import redact, redact_named
from backend.runbook import service as runbook
from backend.secretpattern import service as secretpattern

_MOST_ALERTS = 20
_MOST_CHECKS = 60
_MOST_ACTIONS = 20
_MOST_EVENTS = 60
_MOST_NEEDS = 20
# What foreign text is told in.
_TOLD = ("title", "description", "alerts", "monitor", "past_actions", "timeline", "changes", "hint")
# Of a monitor's configuration only this is the agent's business; headers and bodies hold credentials.
_CONFIG = ("method", "expected_status", "keyword", "logs_file", "verify_tls")


async def build(
    session: AsyncSession, incident: Incident, investigation_id: UUID, number: int, now: datetime, hint: str | None
) -> CaseFile:
    """The case file of a locked incident, without secrets: it is stored, and shown to a model."""
    patterns = [row.pattern for row in await secretpattern.of_team(session, incident.team_id)]
    told = await _told(session, incident, investigation_id, number, now, hint)
    return without_secrets(told.model_copy(update={"secret_patterns": patterns}))


def without_secrets(case: CaseFile) -> CaseFile:
    """What foreign text may have brought along. Names stay: they are what the sources are asked for."""
    patterns = [compile_pattern(pattern) for pattern in case.secret_patterns]

    def safe(value: Any) -> Any:
        match value:
            case str():
                return hide(redact(clean(value)), patterns)
            case dict():
                told = {key: safe(item) for key, item in cast(dict[str, Any], value).items()}
                # A label names things ("secret" is an object of Kubernetes); an annotation may be called "password".
                return {**told, "annotations": redact_named(told["annotations"])} if "annotations" in told else told
            case list():
                return [safe(item) for item in cast(list[Any], value)]
            case _:
                return value

    whole = case.model_dump(mode="json")
    told = {name: safe(whole[name]) for name in _TOLD}
    target = {**whole["target"], "labels": safe(whole["target"]["labels"])}
    # A hook's arguments are what is called: only what is said of it is foreign text.
    hooks = [{**hook, "description": safe(hook["description"])} for hook in whole["hooks"]]
    return CaseFile.model_validate({**whole, **told, "target": target, "hooks": hooks})


async def _told(
    session: AsyncSession, incident: Incident, investigation_id: UUID, number: int, now: datetime, hint: str | None
) -> CaseFile:
    return CaseFile(
        incident_id=incident.id,
        team_id=incident.team_id,
        investigation_id=investigation_id,
        number=incident.number,
        round=number,
        title=incident.title,
        description=incident.description,
        severity=incident.level,
        target=Target(
            name=incident.target,
            source_type=incident.kind_of_source,
            runtime=incident.runtime,
            namespace=incident.namespace,
            server_name=incident.server_name,
            labels={str(key): str(value) for key, value in incident.labels.items()},
        ),
        started_at=incident.started_at,
        now=now,
        firing=incident.firing,
        occurrences=incident.occurrences,
        alerts=await _alerts(session, incident.id),
        monitor=await _monitor(session, incident.monitor_id),
        hooks=await runbook.hooks_for(session, incident.team_id, incident.target),
        past_actions=await _past_actions(session, incident),
        timeline=await _timeline(session, incident.id),
        changes=await changes_around(session, incident.team_id, incident.target, incident.started_at, now),
        needs=await _needs(session, incident),
        hint=hint,
    )


async def _needs(session: AsyncSession, incident: Incident) -> list[str]:
    found = await session.scalars(
        text(
            "select depends_on from public.dependencies where team_id = :team and target in (:target, :owner)"
            " group by depends_on order by min(origin), max(created_at) desc, depends_on limit :most"
        ),
        {
            "team": incident.team_id,
            "target": incident.target,
            "owner": incident.owner or incident.target,
            "most": _MOST_NEEDS,
        },
    )
    return list(found)


async def _alerts(session: AsyncSession, incident_id: UUID) -> list[AlertFact]:
    rows = await session.execute(
        text(
            "select name, status, severity, labels, annotations, starts_at, ends_at, generator_url from public.alerts"
            " where incident_id = :id order by starts_at desc limit :most"
        ),
        {"id": incident_id, "most": _MOST_ALERTS},
    )
    return [
        AlertFact(
            name=row.name,
            status=row.status,
            severity=cast(Severity, row.severity),
            labels=_strings(row.labels),
            annotations=_strings(row.annotations),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            generator_url=row.generator_url,
        )
        for row in rows
    ]


def _strings(values: dict[str, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in values.items()}


async def _monitor(session: AsyncSession, monitor_id: UUID | None) -> MonitorFact | None:
    if monitor_id is None:
        return None
    found = await session.execute(
        text("select id, name, type, address, status, config from public.monitors where id = :id"), {"id": monitor_id}
    )
    row = found.one_or_none()
    if row is None:
        return None
    config = {key: row.config[key] for key in _CONFIG if key in row.config}
    return MonitorFact(
        id=row.id,
        name=row.name,
        type=row.type,
        address=row.address,
        status=row.status,
        config=config,
        checks=await _checks(session, monitor_id),
    )


async def _checks(session: AsyncSession, monitor_id: UUID) -> list[CheckFact]:
    rows = await session.execute(
        text(
            "select status, checked_at, response_time_ms, status_code, error_message,"
            " coalesce(metadata ->> 'detail', metadata ->> 'body') as detail from public.monitor_checks"
            " where monitor_id = :id order by checked_at desc limit :most"
        ),
        {"id": monitor_id, "most": _MOST_CHECKS},
    )
    return [
        CheckFact(
            status=row.status,
            at=row.checked_at,
            response_time_ms=row.response_time_ms,
            status_code=row.status_code,
            error=row.error_message,
            detail=row.detail,
        )
        for row in rows
    ]


async def _past_actions(session: AsyncSession, incident: Incident) -> list[PastAction]:
    query = (
        select(Action)
        .where(
            Action.team_id == incident.team_id,
            or_(Action.incident_id == incident.id, Action.target == incident.target),
            or_(Action.started_at.is_not(None), Action.status.in_(("rejected", "failed", "unknown"))),
        )
        .order_by(Action.created_at.desc())
        .limit(_MOST_ACTIONS)
    )
    return [
        PastAction(
            of_incident=action.incident_id == incident.id,
            kind=action.kind,
            params=action.params,
            target=action.target,
            status=action.status,
            verification=action.verification,
            at=action.started_at or action.created_at,
        )
        for action in await session.scalars(query)
    ]


async def _timeline(session: AsyncSession, incident_id: UUID) -> list[str]:
    query = (
        select(IncidentEvent)
        .where(IncidentEvent.incident_id == incident_id)
        .order_by(IncidentEvent.seq.desc())
        .limit(_MOST_EVENTS)
    )
    events = list(await session.scalars(query))
    return [
        f"{event.created_at:%Y-%m-%d %H:%M:%S} {event.actor or 'nightdesk'}: {event.message}" for event in events[::-1]
    ]
