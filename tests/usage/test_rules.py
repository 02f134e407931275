"""What tokens cost, and when a team has spent enough."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from backend.usage.rules import Prices, cap_of, month_of, months_before, over_cap


@pytest.mark.parametrize(
    ("tokens_in", "tokens_out", "cost"),
    [(0, 0, "0"), (1_000_000, 0, "0.25"), (0, 1_000_000, "2"), (1000, 100, "0.00045"), (1, 0, "0")],
)
def test_tokens_cost_what_a_million_costs(tokens_in: int, tokens_out: int, cost: str):
    assert Prices(0.25, 2.0).cost(tokens_in, tokens_out) == Decimal(cost)


def test_a_month_begins_in_utc():
    sydney = timezone(timedelta(hours=11))
    assert month_of(datetime(2026, 12, 1, 9, tzinfo=sydney)) == datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(("count", "month"), [(0, (2026, 2)), (1, (2026, 1)), (2, (2025, 12)), (14, (2024, 12))])
def test_months_are_counted_back_over_new_year(count: int, month: tuple[int, int]):
    assert months_before(datetime(2026, 2, 1, tzinfo=UTC), count) == datetime(*month, 1, tzinfo=UTC)


@pytest.mark.parametrize(("own", "cap"), [(None, "50"), ("20", "20"), ("80", "50"), ("0", "0")])
def test_a_team_may_spend_less_but_never_more_than_the_installation_allows(own: str | None, cap: str):
    assert cap_of(50.0, None if own is None else Decimal(own)) == Decimal(cap)


@pytest.mark.parametrize(
    ("spent", "call", "over"), [("0", "1", False), ("9", "1", False), ("9.5", "1", True), ("0", "0", False)]
)
def test_the_call_that_would_go_over_the_cap_is_not_made(spent: str, call: str, over: bool):
    refusal = over_cap(Decimal(spent), Decimal(call), Decimal(10))
    assert (refusal is not None) == over
    assert refusal is None or "10.00 USD" in refusal.reason
