"""What an investigation does, as it does it: its steps and its exchanges with the model. Writers hold the lease."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.incident.rules import Refusal
from backend.investigation.kinds import Exchange, Step, Usage
from backend.investigation.lease import leased
from backend.investigation.model import ExchangeRow, Investigation, StepRow
from backend.settings import Settings
from backend.usage import service as usage

_MOST_DETAIL = 500


async def note(
    session: AsyncSession, investigation_id: uuid.UUID, worker: str, steps: Sequence[Step], now: datetime
) -> None:
    """Appends steps, or says what became of them. A step that runs again keeps its place. Raises LeaseLost."""
    investigation = await leased(session, investigation_id, worker)
    last = select(func.coalesce(func.max(StepRow.seq), 0)).where(StepRow.investigation_id == investigation_id)
    seq = int((await session.execute(last)).scalar_one())
    for step in steps:
        seq += 1
        values = step.model_dump() | {"title": step.title[:200], "detail": step.detail[:_MOST_DETAIL]}
        of = {name: getattr(investigation, name) for name in ("team_id", "incident_id")}
        row = insert(StepRow).values(
            id=uuid.uuid4(), investigation_id=investigation_id, seq=seq, at=now, **of, **values
        )
        begun = {"at": now} if step.status == "running" else {}
        changed = {name: value for name, value in values.items() if name not in ("key", "kind")} | begun
        await session.execute(row.on_conflict_do_update(index_elements=["investigation_id", "key"], set_=changed))
        if step.status == "running":
            investigation.step = values["title"]
    await session.flush()


async def end_steps(session: AsyncSession, investigation_id: uuid.UUID) -> None:
    """Whatever still runs when the investigation ends was cut off."""
    running = (StepRow.investigation_id == investigation_id, StepRow.status == "running")
    await session.execute(update(StepRow).where(*running).values(status="failed", detail="cut off"))


async def recall(session: AsyncSession, investigation_id: uuid.UUID, number: int) -> Exchange | None:
    """What the model has answered already, before an interruption."""
    row = await session.get(ExchangeRow, (investigation_id, number))
    if row is None:
        return None
    names = Exchange.model_fields.keys() - {"usage"}
    return Exchange(**{name: getattr(row, name) for name in names}, usage=Usage.model_validate(row.usage))


async def reserve(
    session: AsyncSession,
    settings: Settings,
    investigation_id: uuid.UUID,
    worker: str,
    model: str,
    tokens_in: int,
    now: datetime,
) -> uuid.UUID | Refusal:
    """Puts the next call on the team's bill, if the month's cap allows it. Raises LeaseLost."""
    of = await leased(session, investigation_id, worker)
    call = usage.Call(of.team_id, of.incident_id, "investigation", model, tokens_in)
    return await usage.reserve(session, settings, call, now)


async def keep(
    session: AsyncSession,
    settings: Settings,
    investigation_id: uuid.UUID,
    worker: str,
    call_id: uuid.UUID,
    exchange: Exchange,
    now: datetime,
) -> None:
    """Keeps the answer and settles the bill, before anything follows from it. Raises LeaseLost."""
    of: Investigation = await leased(session, investigation_id, worker)
    row = exchange.model_dump(mode="json")
    session.add(
        ExchangeRow(investigation_id=investigation_id, team_id=of.team_id, incident_id=of.incident_id, at=now, **row)
    )
    spent = exchange.usage
    if exchange.answer is None and not spent.calls:
        await usage.void(session, call_id, now)
    else:
        counted = (spent.tokens_in, spent.tokens_out)
        await usage.settle(session, settings, call_id, *counted, estimated=spent.estimated, now=now)
    await session.flush()
