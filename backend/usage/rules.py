"""What tokens cost, which month they belong to, and when a team has spent enough. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from backend.incident.rules import Refusal

_MILLION = Decimal(1_000_000)
_CENT_OF_CENT = Decimal("0.000001")


@dataclass(frozen=True)
class Prices:
    """US dollars per million tokens."""

    tokens_in: float
    tokens_out: float

    def cost(self, tokens_in: int, tokens_out: int) -> Decimal:
        """US dollars, to a millionth."""
        spent = Decimal(str(self.tokens_in)) * tokens_in + Decimal(str(self.tokens_out)) * tokens_out
        return (spent / _MILLION).quantize(_CENT_OF_CENT)


def month_of(now: datetime) -> datetime:
    """The first moment of the month, in UTC."""
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def months_before(month: datetime, count: int) -> datetime:
    """The first moment of the month `count` months earlier."""
    index = month.year * 12 + month.month - 1 - count
    return month.replace(year=index // 12, month=index % 12 + 1)


def cap_of(installation_usd: float, team_usd: Decimal | None) -> Decimal:
    """A team may set itself a lower cap than the installation's, never a higher one."""
    most = Decimal(str(installation_usd))
    return most if team_usd is None else min(most, team_usd)


def over_cap(spent: Decimal, next_call: Decimal, cap: Decimal) -> Refusal | None:
    """Why the model is not asked any more this month, or None."""
    if spent + next_call <= cap:
        return None
    return Refusal(f"The team's model budget of {cap:.2f} USD for this month is used up ({spent:.2f} USD spent).")
