"""JSON of what the model costs a team."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

Usd = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]


class MonthOut(BaseModel):
    """A month (2026-11, UTC). `estimated`: some of it was not counted by the endpoint, but worked out from lengths."""

    model_config = ConfigDict(frozen=True)

    month: str
    calls: int
    tokens_in: int
    tokens_out: int
    cost_usd: Usd
    estimated: bool


class UsageOut(MonthOut):
    """This month, the cap that applies, and the months before. `model`: null without a key."""

    cap_usd: Usd
    team_cap_usd: Usd | None
    model: str | None
    price_in_usd_per_million: float
    price_out_usd_per_million: float
    cap_reached: bool
    earlier: list[MonthOut]


class CapIn(BaseModel):
    """The team's own monthly cap in US dollars; null: only the installation's counts; 0: the model is not asked."""

    model_config = ConfigDict(extra="forbid")

    monthly_cap_usd: Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=2)] | None
