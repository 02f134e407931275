"""Refresh tokens are good once; a repeat is forgiven while the successor lies unused, anything else is theft."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

# Two tabs, or an answer lost on the way: the same token again within this time is no theft.
REUSE_INTERVAL = timedelta(seconds=10)
# How many successors a repeated token may lag behind within the interval.
MOST_STEPS = 8


class Rotation(Enum):
    """What a presented token leads to."""

    ROTATE = "it is the newest: replace it"
    REPEAT = "its successor may have been lost on the way: hand that out again"
    STOLEN = "it was replaced long ago: somebody else holds a copy, end the session"


@dataclass(frozen=True)
class StoredToken:
    """A refresh token as kept: by hash. `updated_at`: when it was replaced."""

    token: str
    parent: str | None
    revoked: bool
    updated_at: datetime


def decide(presented: StoredToken, newest: StoredToken | None, now: datetime) -> Rotation:
    """The three ways, after GoTrue's rules."""
    if not presented.revoked:
        return Rotation.ROTATE
    if newest is None:
        return Rotation.STOLEN
    if newest.parent == presented.token or now - presented.updated_at < REUSE_INTERVAL:
        return Rotation.REPEAT
    return Rotation.STOLEN


def fingerprint(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def successor(token: str, key: bytes) -> str:
    """The token that replaces this one: always the same, so it can be handed out again without being stored."""
    return successor_of(fingerprint(token), key)


def successor_of(stored: str, key: bytes) -> str:
    """The token that replaces the one with this fingerprint; it takes the server's key to compute."""
    return base64.urlsafe_b64encode(hmac.digest(key, stored.encode(), "sha256")[:24]).decode()


def newest_of(token: str, newest: StoredToken, key: bytes) -> str | None:
    """The plain text of the newest token, found by following successors from an earlier one."""
    for _ in range(MOST_STEPS):
        token = successor(token, key)
        if fingerprint(token) == newest.token:
            return token
    return None
