"""The hour of the recorded evidence, in the middle of a month."""

from datetime import UTC, datetime

import pytest

from tests.support.clock import MovableClock


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(datetime(2026, 11, 21, 3, 5, tzinfo=UTC))
