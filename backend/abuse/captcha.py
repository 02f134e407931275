"""Proof of work instead of pictures (ALTCHA, version 1 of its protocol): no third party, each solution good once.

https://altcha.org/docs/v2/protocol/ describes what browsers compute: the number whose hash with the salt is given.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from altcha.v1 import ChallengeOptions, Payload, create_challenge, verify_solution
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

LIFE = timedelta(minutes=5)


def challenge(key: bytes, most: int, now: datetime) -> dict[str, Any]:
    """What an ALTCHA widget solves: {"algorithm", "challenge", "maxnumber", "salt", "signature"}."""
    made = create_challenge(ChallengeOptions(max_number=most, hmac_key=key, expires=now + LIFE))
    return {
        "algorithm": made.algorithm,
        "challenge": made.challenge,
        "maxnumber": made.max_number,
        "salt": made.salt,
        "signature": made.signature,
    }


def solved_until(token: str, key: bytes, now: datetime) -> datetime | None:
    """Until when this solution counts; None: it is wrong, invented or too old."""
    try:
        payload = Payload.from_base64(token)
        good, _ = verify_solution(payload, key, check_expires=False)
        expires = datetime.fromtimestamp(payload.parse_salt()[1] or 0, UTC)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None
    return expires if good and expires > now else None


async def take(session: AsyncSession, token: str, key: bytes, now: datetime) -> bool:
    """Uses a solution up. False: it is no good, or was used before."""
    expires = solved_until(token, key, now)
    if expires is None:
        return False
    await session.execute(text("delete from auth.captcha_solutions where expires_at < :now"), {"now": now})
    written = await session.execute(
        text(
            "insert into auth.captcha_solutions (solution, expires_at) values (:solution, :expires)"
            " on conflict do nothing returning 1"
        ),
        # Of what was signed: the same work in another spelling is the same work.
        {"solution": _identity(token), "expires": expires},
    )
    return written.first() is not None


def _identity(token: str) -> str:
    return hashlib.sha256(Payload.from_base64(token).signature.encode()).hexdigest()
