"""Refresh tokens: the table of what a presented token leads to, and the chain of successors."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.embedded.auth.rotation import (
    MOST_STEPS,
    REUSE_INTERVAL,
    Rotation,
    StoredToken,
    decide,
    fingerprint,
    newest_of,
    successor,
)

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=1)
JUST_NOW = NOW - REUSE_INTERVAL / 2
KEY = b"k" * 32


def stored(name: str, parent: str | None = None, *, revoked: bool = False, at: datetime = LONG_AGO) -> StoredToken:
    return StoredToken(name, parent, revoked, at)


@pytest.mark.parametrize(
    ("presented", "newest", "leads_to"),
    [
        (stored("a"), stored("a"), Rotation.ROTATE),
        (stored("a", revoked=True), stored("b", "a"), Rotation.REPEAT),
        (stored("a", revoked=True), stored("c", "b"), Rotation.STOLEN),
        (stored("a", revoked=True, at=JUST_NOW), stored("c", "b"), Rotation.REPEAT),
        (stored("a", revoked=True, at=NOW - REUSE_INTERVAL), stored("c", "b"), Rotation.STOLEN),
        (stored("a", revoked=True, at=JUST_NOW), None, Rotation.STOLEN),
    ],
    ids=["newest", "answer lost", "replayed", "two tabs", "interval over", "session without tokens"],
)
def test_what_a_presented_token_leads_to(presented: StoredToken, newest: StoredToken, leads_to: Rotation) -> None:
    assert decide(presented, newest, NOW) is leads_to


def test_a_successor_is_the_same_each_time_and_needs_the_key() -> None:
    assert successor("token", KEY) == successor("token", KEY)
    assert successor("token", KEY) != successor("token", b"x" * 32)


def test_the_newest_token_is_found_by_following_successors() -> None:
    second = successor("first", KEY)
    third = successor(second, KEY)
    assert newest_of("first", stored(fingerprint(third)), KEY) == third


def test_a_token_too_far_back_leads_nowhere() -> None:
    token = "first"
    for _ in range(MOST_STEPS + 1):
        token = successor(token, KEY)
    assert newest_of("first", stored(fingerprint(token)), KEY) is None
