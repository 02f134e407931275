"""The one writer of the model's bill: a call is written down before it is made, and settled when it is over."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.incident.rules import Refusal
from backend.settings import Settings
from backend.usage import rules

Purpose = Literal["investigation", "post_mortem"]


@dataclass(frozen=True)
class Call:
    """What is about to be asked, with what it will at least cost."""

    team_id: uuid.UUID
    incident_id: uuid.UUID | None
    purpose: Purpose
    model: str
    tokens_in: int


@dataclass(frozen=True)
class Month:
    """A team's month. `estimated`: some of it was not counted by the endpoint."""

    month: datetime
    calls: int
    tokens_in: int
    tokens_out: int
    cost_usd: Decimal
    estimated: bool


async def reserve(session: AsyncSession, settings: Settings, call: Call, now: datetime) -> uuid.UUID | Refusal:
    """Writes the call down at its estimated price, if the month's cap allows it. One team's calls queue up here."""
    await session.execute(
        text("select pg_advisory_xact_lock(hashtextextended('model_calls ' || :team, 0))"), {"team": str(call.team_id)}
    )
    guess = _prices_of(settings).cost(call.tokens_in, 0)
    cap = rules.cap_of(settings.llm_monthly_cap_usd, await own_cap(session, call.team_id))
    refusal = rules.over_cap(await _spent(session, call.team_id, now), guess, cap)
    if refusal is not None:
        return refusal
    identity = uuid.uuid4()
    await session.execute(
        text(
            "insert into public.model_calls (id, team_id, incident_id, purpose, model, status, asked_at, tokens_in,"
            " estimated, cost_usd)"
            " values (:id, :team, :incident, :purpose, :model, 'asked', :now, :tokens, true, :cost)"
        ),
        {
            "id": identity,
            "team": call.team_id,
            "incident": call.incident_id,
            "purpose": call.purpose,
            "model": call.model,
            "now": now,
            "tokens": call.tokens_in,
            "cost": guess,
        },
    )
    return identity


async def settle(
    session: AsyncSession,
    settings: Settings,
    call_id: uuid.UUID,
    tokens_in: int,
    tokens_out: int,
    *,
    estimated: bool,
    now: datetime,
) -> Decimal:
    """The answer is there: what it really cost."""
    cost = _prices_of(settings).cost(tokens_in, tokens_out)
    await session.execute(
        text(
            "update public.model_calls set status = 'answered', answered_at = :now, tokens_in = :tokens_in,"
            " tokens_out = :tokens_out, estimated = :estimated, cost_usd = :cost where id = :id"
        ),
        {
            "id": call_id,
            "now": now,
            "tokens_in": tokens_in,
            "tokens_out": tokens_out,
            "estimated": estimated,
            "cost": cost,
        },
    )
    return cost


async def void(session: AsyncSession, call_id: uuid.UUID, now: datetime) -> None:
    """The endpoint refused the call, so that nothing was charged."""
    await session.execute(
        text(
            "update public.model_calls set status = 'failed', answered_at = :now, tokens_in = 0, cost_usd = 0,"
            " estimated = false where id = :id"
        ),
        {"id": call_id, "now": now},
    )


async def own_cap(session: AsyncSession, team_id: uuid.UUID) -> Decimal | None:
    """The cap that the team has set itself."""
    query = text("select monthly_cap_usd from public.model_caps where team_id = :team")
    return (await session.execute(query, {"team": team_id})).scalar_one_or_none()


async def set_cap(session: AsyncSession, team_id: uuid.UUID, cap: Decimal | None, by: str, now: datetime) -> None:
    """None: the installation's cap is enough."""
    if cap is None:
        await session.execute(text("delete from public.model_caps where team_id = :team"), {"team": team_id})
        return
    statement = text(
        "insert into public.model_caps (team_id, monthly_cap_usd, updated_at, updated_by)"
        " values (:team, :cap, :now, :by)"
        " on conflict (team_id) do update set monthly_cap_usd = :cap, updated_at = :now, updated_by = :by"
    )
    await session.execute(statement, {"team": team_id, "cap": cap, "now": now, "by": by})


async def months(session: AsyncSession, team_id: uuid.UUID, now: datetime, count: int) -> list[Month]:
    """This month and those before in which the model was asked, the newest first."""
    since = rules.months_before(rules.month_of(now), count - 1)
    rows = await session.execute(
        text(
            "select date_trunc('month', asked_at, 'UTC') as month, count(*) as calls, sum(tokens_in) as tokens_in,"
            " sum(tokens_out) as tokens_out, sum(cost_usd) as cost_usd, bool_or(estimated) as estimated"
            " from public.model_calls where team_id = :team and asked_at >= :since group by 1 order by 1 desc"
        ),
        {"team": team_id, "since": since},
    )
    return [
        Month(row.month, row.calls, int(row.tokens_in), int(row.tokens_out), row.cost_usd, row.estimated)
        for row in rows
    ]


async def _spent(session: AsyncSession, team_id: uuid.UUID, now: datetime) -> Decimal:
    query = text(
        "select coalesce(sum(cost_usd), 0) from public.model_calls where team_id = :team and asked_at >= :since"
    )
    return (await session.execute(query, {"team": team_id, "since": rules.month_of(now)})).scalar_one()


def _prices_of(settings: Settings) -> rules.Prices:
    """What the configured model costs."""
    return rules.Prices(settings.llm_price_in_usd, settings.llm_price_out_usd)
