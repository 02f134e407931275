"""Reads what the handlers work on: the approved row with its hook, and the signals that tell whether it helped."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from actions.kinds import Order
from actions.verify.kinds import CheckSeen, MonitorSeen
from backend.action.kinds import CATALOGUE, CallHookParams, ExecutionOutcome
from backend.action.model import Action, ActionExecution
from backend.errors import NotFound
from backend.incident.model import Incident
from backend.runbook import service as runbook

# A window of minutes at one check per second.
MAX_CHECKS = 1000


async def read_order(session: AsyncSession, action_id: UUID) -> Order:
    """The order in the row, and nothing else. Raises NotFound when its incident has been deleted."""
    action = (await session.scalars(select(Action).where(Action.id == action_id))).one_or_none()
    if action is None:
        raise NotFound()
    # The row was checked when it was drafted; a catalogue that knows it no longer must not run it.
    params = CATALOGUE[action.kind].params.model_validate(action.params)
    hook = None
    if isinstance(params, CallHookParams):
        hook = await runbook.definition(session, action.team_id, params.hook)
    return Order(
        action_id=action.id,
        incident_id=action.incident_id,
        kind=action.kind,
        title=action.title,
        params=params,
        target=action.target,
        status=action.state,
        target_state=action.target_state or {},
        hook=hook,
    )


@dataclass(frozen=True)
class Executed:
    """An execution to be verified, with what our own tables say about it. `container`: the name of one to look at."""

    outcome: ExecutionOutcome
    said: str | None
    finished_at: datetime
    settle_seconds: float
    firing: bool
    alerts: int
    alerts_firing: int
    monitor: MonitorSeen | None
    container: str | None
    is_container_action: bool
    baseline: dict[str, Any] | None
    ran_before: bool


async def read_executed(session: AsyncSession, action_id: UUID) -> Executed | None:
    """None: there is nothing to verify any more."""
    query = (
        select(Action, Incident, ActionExecution)
        .join(Incident, Incident.id == Action.incident_id)
        .join(ActionExecution, ActionExecution.action_id == Action.id)
        .where(Action.id == action_id, Action.verification.is_(None), Incident.status == "verifying")
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    action, incident, execution = row
    if action.finished_at is None:
        return None
    alerts, alerts_firing = await _alerts(session, incident)
    is_container_action = action.kind.startswith("docker.")
    is_container = incident.source_type == "container" and incident.container_runtime in (None, "docker")
    return Executed(
        outcome=_OUTCOMES[action.status],
        said=action.error or action.result,
        finished_at=action.finished_at,
        settle_seconds=action.settle_seconds,
        firing=incident.firing,
        alerts=alerts,
        alerts_firing=alerts_firing,
        monitor=await _monitor(session, incident, action.finished_at),
        container=action.target if is_container_action else incident.target if is_container else None,
        is_container_action=is_container_action,
        baseline=execution.after_state,
        ran_before=(action.target_state or {}).get("status") == "running" or not is_container_action,
    )


_OUTCOMES: dict[str, ExecutionOutcome] = {"succeeded": "succeeded", "failed": "failed", "unknown": "unknown"}


async def _alerts(session: AsyncSession, incident: Incident) -> tuple[int, int]:
    query = text(
        "select count(*), count(*) filter (where status = 'firing') from public.alerts where incident_id = :incident_id"
    )
    total, firing = (await session.execute(query, {"incident_id": incident.id})).one()
    return total, firing


async def _monitor(session: AsyncSession, incident: Incident, since: datetime) -> MonitorSeen | None:
    query = text(
        "select name, is_active and not is_paused as is_watching, interval_seconds, timeout_seconds, recovery_threshold"
        " from public.monitors where id = :monitor_id"
    )
    monitor = (await session.execute(query, {"monitor_id": incident.monitor_id})).one_or_none()
    if monitor is None:
        return None
    checks = await session.execute(
        text(
            "select status, checked_at, error_message from public.monitor_checks"
            " where monitor_id = :monitor_id and checked_at > :since order by checked_at desc limit :most"
        ),
        {"monitor_id": incident.monitor_id, "since": since, "most": MAX_CHECKS},
    )
    seen = [CheckSeen(check.status, check.checked_at, check.error_message) for check in checks]
    return MonitorSeen(
        name=monitor.name,
        is_watching=monitor.is_watching,
        interval_seconds=monitor.interval_seconds,
        timeout_seconds=monitor.timeout_seconds,
        recovery_threshold=monitor.recovery_threshold,
        checks=tuple(reversed(seen)),
    )
