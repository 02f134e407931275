"""The address of a user: confirmed, about to change, changed. The user's other columns belong to users.py."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.embedded.auth import users
from backend.embedded.auth.users import UserRow, stamp


async def find_by_new_email(session: AsyncSession, email: str) -> UserRow | None:
    """Who wants to change to this address."""
    rows = await session.execute(
        text("select id from auth.users where email_change = :email and deleted_at is null limit 1"), {"email": email}
    )
    found = rows.scalar_one_or_none()
    return await users.find(session, found) if found else None


async def note_new_email(session: AsyncSession, user_id: UUID, email: str, now: datetime) -> None:
    await session.execute(
        text(
            "update auth.users set email_change = :email, email_change_sent_at = :now, updated_at = :now where id = :id"
        ),
        {"email": email, "now": now, "id": user_id},
    )


async def change_email(session: AsyncSession, user_id: UUID, email: str, now: datetime) -> None:
    """The user signs in by this address from now on."""
    await session.execute(
        text(
            "update auth.users set email = :email, email_change = '', email_confirmed_at = :now, updated_at = :now"
            " where id = :id"
        ),
        {"email": email, "now": now, "id": user_id},
    )
    await session.execute(
        text(
            "update auth.identities set updated_at = :now,"
            " identity_data = identity_data || jsonb_build_object('email', cast(:email as text))"
            " where user_id = :id and provider = 'email'"
        ),
        {"email": email, "now": now, "id": user_id},
    )


async def confirm_email(session: AsyncSession, user_id: UUID, now: datetime) -> None:
    """Whoever read the code has the mailbox. The first confirmation is kept."""
    await session.execute(
        text(
            "update auth.users set email_confirmed_at = coalesce(email_confirmed_at, :now), updated_at = :now,"
            " raw_user_meta_data = coalesce(raw_user_meta_data, '{}') || '{\"email_verified\": true}' where id = :id"
        ),
        {"now": now, "id": user_id},
    )


def shown_to_a_stranger(email: str, data: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    """What a sign-up with a taken address is answered: a new user in every field, so that nobody learns of the old."""
    at, user_id = stamp(now), str(uuid4())
    return {
        "id": user_id,
        "aud": "authenticated",
        "role": "authenticated",
        "email": email,
        "email_confirmed_at": None,
        "phone": "",
        "confirmed_at": None,
        "last_sign_in_at": None,
        "app_metadata": {"provider": "email", "providers": ["email"]},
        "user_metadata": metadata_of(data),
        "identities": [_identity(user_id, email, now.isoformat())],
        "created_at": at,
        "updated_at": at,
        "is_anonymous": False,
        "factors": [],
    }


def metadata_of(data: dict[str, Any] | None) -> dict[str, Any]:
    """What somebody who has just signed up says about themselves, in an order that does not tell where it was kept."""
    return {"email_verified": False, **{name: value for name, value in (data or {}).items() if value is not None}}


def _identity(user_id: str, email: str, at: str) -> dict[str, Any]:
    return {
        "identity_id": str(uuid4()),
        "id": user_id,
        "user_id": user_id,
        "identity_data": {"sub": user_id, "email": email, "email_verified": True, "phone_verified": False},
        "provider": "email",
        "last_sign_in_at": None,
        "created_at": at,
        "updated_at": at,
        "email": email,
    }
