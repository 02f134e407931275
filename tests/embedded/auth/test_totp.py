"""One-time passwords: RFC 6238's own values, the clock's tolerance, and no code twice."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pyotp
import pytest

from backend.embedded.auth.totp import STEP, matching_step, new_secret, qr_code, uri

# RFC 6238, appendix B: the SHA-1 secret, and times with the last six digits of their codes.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC = [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")]
NOW = datetime(2026, 11, 20, 3, 0, 10, tzinfo=UTC)


def step_of(at: datetime) -> int:
    return int(at.timestamp() // STEP.total_seconds())


def code_at(at: datetime) -> str:
    return pyotp.TOTP(SECRET).at(at)


@pytest.mark.parametrize(("seconds", "code"), RFC)
def test_the_values_of_the_standard(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert matching_step(SECRET, code, None, now) == step_of(now)


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(steps: int, taken: bool) -> None:
    at = NOW + steps * STEP
    assert matching_step(SECRET, code_at(at), None, NOW) == (step_of(at) if taken else None)


def test_a_code_is_taken_once_and_none_before_it_after_that() -> None:
    current = step_of(NOW)
    assert matching_step(SECRET, code_at(NOW), current, NOW) is None
    assert matching_step(SECRET, code_at(NOW - STEP), current, NOW) is None
    assert matching_step(SECRET, code_at(NOW), current, NOW + timedelta(seconds=25)) is None
    assert matching_step(SECRET, code_at(NOW + STEP), current, NOW) == current + 1


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "28708٢", "²²²²²²"])
def test_what_is_no_code_is_refused(code: str) -> None:
    assert matching_step(SECRET, code, None, datetime.fromtimestamp(59, UTC)) is None


def test_the_qr_code_survives_a_data_uri() -> None:
    svg = qr_code(uri(new_secret(), "ada+x@example.org", "Nightdesk"))
    assert "#" not in svg
    assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314
