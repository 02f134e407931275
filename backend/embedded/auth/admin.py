"""What the secret key may do: list, make, change, invite and delete users."""

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.embedded.auth import addresses, email_flows, factors, mfa, sessions, users
from backend.embedded.auth.context import Auth
from backend.embedded.auth.errors import EmailExists, NoSuchUser, ValidationFailed
from backend.embedded.auth.passwords import check_strength, hash_password
from backend.embedded.auth.schemas import AdminUser, Invitation
from backend.embedded.auth.users import UserRow

MOST_PER_PAGE = 1000
# A duration as Go writes it: 24h, 90m, 1h30m, 300s.
DURATION = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?")


async def page(session: AsyncSession, number: int, size: int) -> tuple[list[dict[str, Any]], int]:
    """One page of users, the newest first, and how many there are."""
    total = await session.execute(text("select count(*) from auth.users where deleted_at is null"))
    rows = await session.execute(
        text(
            "select id from auth.users where deleted_at is null order by created_at desc, id"
            " limit :size offset :skipped"
        ),
        {"size": size, "skipped": (number - 1) * size},
    )
    shown = [users.shown(await users.get(session, user_id)) for user_id in rows.scalars()]
    return shown, total.scalar_one()


async def find(session: AsyncSession, user_id: UUID) -> UserRow:
    """Raises NoSuchUser."""
    user = await users.find(session, user_id)
    if user is None:
        raise NoSuchUser()
    return user


async def create(session: AsyncSession, wanted: AdminUser, now: datetime) -> dict[str, Any]:
    """A user as asked for. Raises EmailExists, WeakPassword, ValidationFailed."""
    if not wanted.email:
        raise ValidationFailed("Cannot create a user without either an email or phone")
    user_id = await users.create_user(
        session,
        wanted.email,
        wanted.password,
        now,
        user_metadata=wanted.user_metadata,
        app_metadata=wanted.app_metadata,
        user_id=wanted.id,
        confirmed=wanted.email_confirm,
    )
    if wanted.ban_duration is not None:
        await _ban(session, user_id, wanted.ban_duration, now)
    return users.shown(await find(session, user_id))


async def change(session: AsyncSession, user_id: UUID, wanted: AdminUser, now: datetime) -> dict[str, Any]:
    """Changes what is given; a new password or a ban ends every session."""
    user = await find(session, user_id)
    if wanted.password is not None:
        check_strength(wanted.password)
        hashed = await asyncio.to_thread(hash_password, wanted.password)
        await users.set_password(session, user_id, hashed, now)
    if wanted.email and users.normal_email(wanted.email) != user.email:
        if await users.find_by_email(session, users.normal_email(wanted.email)) is not None:
            raise EmailExists()
        await addresses.change_email(session, user_id, users.normal_email(wanted.email), now)
    if wanted.email_confirm:
        await addresses.confirm_email(session, user_id, now)
        user = await find(session, user_id)
    if wanted.user_metadata is not None:
        await users.merge_metadata(session, user, wanted.user_metadata, now)
    if wanted.app_metadata is not None:
        await users.merge_app_metadata(session, user, wanted.app_metadata, now)
    if wanted.ban_duration is not None:
        await _ban(session, user_id, wanted.ban_duration, now)
    return users.shown(await find(session, user_id))


async def invite(session: AsyncSession, auth: Auth, wanted: Invitation, now: datetime) -> dict[str, Any]:
    """A user without a password and the letter that lets them in; asked again, it is sent again. Raises EmailExists."""
    email = users.normal_email(wanted.email)
    user = await users.find_by_email(session, email)
    if user is not None and user.email_confirmed_at is not None:
        raise EmailExists()
    if user is None:
        user_id = await users.create_user(
            session, email, None, now, user_metadata=wanted.data, confirmed=False, invited=True
        )
        user = await find(session, user_id)
    await email_flows.send_code(session, auth, user, "invite", email, now)
    return users.shown(user)


async def delete(session: AsyncSession, user_id: UUID, now: datetime, *, soft: bool) -> None:
    """Deletes the user; softly: what refers to them stays, what names them goes."""
    await find(session, user_id)
    if not soft:
        await session.execute(text("delete from auth.users where id = :id"), {"id": user_id})
        return
    await sessions.end_sessions(session, user_id, None, "global")
    for table in ("identities", "mfa_factors", "recovery_codes", "email_codes"):
        await session.execute(text(f"delete from auth.{table} where user_id = :id"), {"id": user_id})  # noqa: S608
    await session.execute(
        text(
            "update auth.users set deleted_at = :now, updated_at = :now, email = id || '@deleted.invalid',"
            " email_change = '', encrypted_password = '', raw_user_meta_data = '{}', raw_app_meta_data = '{}'"
            " where id = :id"
        ),
        {"now": now, "id": user_id},
    )


async def remove_factor(session: AsyncSession, user_id: UUID, factor_id: UUID) -> dict[str, Any]:
    """For somebody who has lost phone and recovery codes. Raises FactorNotFound."""
    await mfa.remove_factor(session, await factors.of_user(session, factor_id, user_id, lock=True))
    return {"id": str(factor_id)}


def until(duration: str, now: datetime) -> datetime | None:
    """The end of a ban; "none": no ban. Raises ValidationFailed."""
    if duration == "none":
        return None
    parts = DURATION.fullmatch(duration)
    if not duration or parts is None:
        raise ValidationFailed("invalid format for ban duration: use 24h, 90m or none")
    hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    return now + timedelta(hours=hours, minutes=minutes, seconds=seconds)


async def _ban(session: AsyncSession, user_id: UUID, duration: str, now: datetime) -> None:
    end = until(duration, now)
    await session.execute(
        text("update auth.users set banned_until = :until, updated_at = :now where id = :id"),
        {"until": end, "now": now, "id": user_id},
    )
    if end is not None:
        await sessions.end_sessions(session, user_id, None, "global")
