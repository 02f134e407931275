"""Moments as platforms write them, to the first and the last that can be written: never is one of them."""

from datetime import UTC, datetime, timedelta

import pytest

from agent_graph.sources.signs import when


@pytest.mark.parametrize("zone", ["Z", "-12:00", "+14:00", ""])
@pytest.mark.parametrize(("written", "year"), [("9999-12-31T23:59:59", 9999), ("0001-01-01T00:00:00", 1)])
def test_never_is_a_moment_that_can_be_reckoned_with(written: str, year: int, zone: str):
    at = when(f"{written}{zone}")
    assert at is not None
    assert at.year == year
    assert at - timedelta(days=200) < at < at + timedelta(days=200)


def test_a_moment_is_read_in_utc():
    assert when("2026-11-21T03:10:00+01:00") == datetime(2026, 11, 21, 2, 10, tzinfo=UTC)
    assert when("2026-02-30T00:00:00Z") is None
