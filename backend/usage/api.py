"""GET /api/usage: what the model cost this month; PUT /api/usage/cap: the most it may cost."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession

from backend.access import Caller, DepsDep, require
from backend.audit.service import Thing, record
from backend.settings import Settings
from backend.usage import rules, service
from backend.usage.schemas import CapIn, MonthOut, UsageOut

router = APIRouter(prefix="/api/usage", tags=["usage"])

Reader = Annotated[Caller, Depends(require("team.read"))]
Writer = Annotated[Caller, Depends(require("team.write"))]

_MONTHS = 12


@router.get("")
async def get_usage(deps: DepsDep, caller: Reader) -> UsageOut:
    """Tokens and dollars of your team's investigations and post-mortems, and the cap."""
    async with deps.db.transaction() as session:
        return await _usage(session, deps.settings, caller, deps.clock.now())


@router.put("/cap")
async def set_cap(body: CapIn, deps: DepsDep, caller: Writer) -> UsageOut:
    """Sets your team's own cap. Above the installation's it changes nothing. Once reached, the rules answer alone."""
    now, team = deps.clock.now(), caller.team
    async with deps.db.transaction() as session:
        before = await service.own_cap(session, team.team_id)
        await service.set_cap(session, team.team_id, body.monthly_cap_usd, caller.actor.name, now)
        sides = ({"monthly_cap_usd": None if cap is None else float(cap)} for cap in (before, body.monthly_cap_usd))
        thing = Thing("model_cap", team.team_id, team.slug)
        await record(session, caller, "usage.cap", thing, now, before=next(sides), after=next(sides))
        return await _usage(session, deps.settings, caller, now)


async def _usage(session: AsyncSession, settings: Settings, caller: Caller, now: datetime) -> UsageOut:
    found = [_month(month) for month in await service.months(session, caller.team.team_id, now, _MONTHS)]
    name = f"{rules.month_of(now):%Y-%m}"
    nothing = MonthOut(month=name, calls=0, tokens_in=0, tokens_out=0, cost_usd=Decimal(0), estimated=False)
    this = next((month for month in found if month.month == name), nothing)
    own = await service.own_cap(session, caller.team.team_id)
    cap = rules.cap_of(settings.llm_monthly_cap_usd, own)
    return UsageOut(
        **this.model_dump(),
        cap_usd=cap,
        team_cap_usd=own,
        model=settings.openai_model if settings.has_model else None,
        price_in_usd_per_million=settings.llm_price_in_usd,
        price_out_usd_per_million=settings.llm_price_out_usd,
        cap_reached=this.cost_usd >= cap,
        earlier=[month for month in found if month.month != name],
    )


def _month(found: service.Month) -> MonthOut:
    return MonthOut(
        month=f"{found.month:%Y-%m}",
        calls=found.calls,
        tokens_in=found.tokens_in,
        tokens_out=found.tokens_out,
        cost_usd=found.cost_usd,
        estimated=found.estimated,
    )
