"""The hour of the recorded evidence: what is old and what is fresh must not depend on when the tests run."""

from datetime import UTC, datetime

import pytest

from tests.support.clock import MovableClock


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(datetime(2026, 3, 11, 14, 30, tzinfo=UTC))
