"""Second factors and their challenges. This file alone writes them; every refusal GoTrue has a code for is here."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.embedded.auth.errors import (
    AuthRefusal,
    ChallengeElsewhere,
    ChallengeExpired,
    ChallengeNotFound,
    FactorNameConflict,
    FactorNotFound,
    TooManyFactors,
)

MOST_FACTORS = 10
CHALLENGE_LIFE = timedelta(seconds=300)
# An enrolment nobody has finished by then was given up.
ENROLMENT_LIFE = timedelta(seconds=300)
# Guesses per challenge; a new challenge needs the session again, and every failure counts against the account.
MOST_GUESSES = 5

FactorRow = Row[Any]


async def add(session: AsyncSession, user_id: UUID, name: str, sealed_secret: str, now: datetime) -> UUID:
    """An unverified factor. Raises TooManyFactors, FactorNameConflict."""
    # Locks the person: two enrolments at once would both see room for one.
    await session.execute(text("select 1 from auth.users where id = :id for update"), {"id": user_id})
    await session.execute(
        text("delete from auth.mfa_factors where user_id = :id and status = 'unverified' and created_at < :old"),
        {"id": user_id, "old": now - ENROLMENT_LIFE},
    )
    count = await session.execute(text("select count(*) from auth.mfa_factors where user_id = :id"), {"id": user_id})
    if count.scalar_one() >= MOST_FACTORS:
        raise TooManyFactors()
    factor_id = uuid4()
    try:
        await session.execute(
            text(
                "insert into auth.mfa_factors"
                " (id, user_id, friendly_name, factor_type, status, secret, created_at, updated_at)"
                " values (:id, :user, :name, 'totp', 'unverified', :secret, :now, :now)"
            ),
            {"id": factor_id, "user": user_id, "name": name, "secret": sealed_secret, "now": now},
        )
    except IntegrityError:
        raise FactorNameConflict(f'A factor with the friendly name "{name}" for this user already exists') from None
    return factor_id


async def of_user(session: AsyncSession, factor_id: UUID, user_id: UUID, *, lock: bool = False) -> FactorRow:
    """The person's factor. Raises FactorNotFound."""
    ending = " for update" if lock else ""
    rows = await session.execute(
        text(f"select * from auth.mfa_factors where id = :id and user_id = :user{ending}"),  # noqa: S608
        {"id": factor_id, "user": user_id},
    )
    found = rows.first()
    if found is None:
        raise FactorNotFound()
    return found


async def verified_count(session: AsyncSession, user_id: UUID) -> int:
    rows = await session.execute(
        text("select count(*) from auth.mfa_factors where user_id = :id and status = 'verified'"), {"id": user_id}
    )
    return rows.scalar_one()


async def challenge(session: AsyncSession, factor_id: UUID, ip: str, now: datetime) -> UUID:
    """A challenge for one verification from that address; forgets those that are over."""
    await session.execute(
        text("delete from auth.mfa_challenges where factor_id = :id and created_at < :old"),
        {"id": factor_id, "old": now - CHALLENGE_LIFE},
    )
    challenge_id = uuid4()
    await session.execute(
        text(
            "insert into auth.mfa_challenges (id, factor_id, created_at, ip_address)"
            " values (:id, :factor, :now, cast(:ip as inet))"
        ),
        {"id": challenge_id, "factor": factor_id, "now": now, "ip": ip},
    )
    await session.execute(
        text("update auth.mfa_factors set last_challenged_at = :now where id = :id"), {"now": now, "id": factor_id}
    )
    return challenge_id


async def open_challenge(
    session: AsyncSession, challenge_id: UUID, factor_id: UUID, ip: str, now: datetime
) -> AuthRefusal | None:
    """Locks the challenge and says why it cannot be answered any more. None: it can."""
    rows = await session.execute(
        text(
            "select created_at, verified_at, attempts, host(ip_address) as ip from auth.mfa_challenges"
            " where id = :id and factor_id = :factor for update"
        ),
        {"id": challenge_id, "factor": factor_id},
    )
    found = rows.first()
    if found is None:
        return ChallengeNotFound()
    if found.ip != ip:
        return ChallengeElsewhere()
    if found.verified_at is not None or found.attempts >= MOST_GUESSES or now - found.created_at >= CHALLENGE_LIFE:
        return ChallengeExpired()
    return None


async def count_guess(session: AsyncSession, challenge_id: UUID) -> None:
    """One wrong answer more."""
    await session.execute(
        text("update auth.mfa_challenges set attempts = attempts + 1 where id = :id"), {"id": challenge_id}
    )


async def use_challenge(session: AsyncSession, challenge_id: UUID, now: datetime) -> None:
    await session.execute(
        text("update auth.mfa_challenges set verified_at = :now where id = :id"), {"now": now, "id": challenge_id}
    )


async def mark_verified(session: AsyncSession, factor: FactorRow, step: int, now: datetime) -> None:
    """The factor works; the code of this step is used up, and enrolments that were not finished are given up."""
    await session.execute(
        text("update auth.mfa_factors set status = 'verified', last_step = :step, updated_at = :now where id = :id"),
        {"step": step, "now": now, "id": factor.id},
    )
    await session.execute(
        text("delete from auth.mfa_factors where user_id = :user and status = 'unverified' and id <> :id"),
        {"user": factor.user_id, "id": factor.id},
    )


async def remove(session: AsyncSession, factor_id: UUID) -> None:
    """Takes a factor away, with its challenges."""
    await session.execute(text("delete from auth.mfa_factors where id = :id"), {"id": factor_id})
