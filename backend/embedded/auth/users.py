"""Users as GoTrue keeps them: found, created, changed, and shown as its clients expect."""

import asyncio
import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.embedded.auth.errors import EmailExists, UserNotFound, ValidationFailed
from backend.embedded.auth.passwords import check_strength, hash_password

UserRow = Row[Any]

# Printable ASCII only: two addresses that look alike are alike. Domains with other letters have an xn-- form.
EMAIL = re.compile(r"[!-?A-~]+@[!-?A-~]+")
MOST_EMAIL_CHARS = 254
MOST_METADATA_CHARS = 16_384

_USER = """
    select u.*,
        (select coalesce(jsonb_agg(to_jsonb(i) order by i.created_at), '[]') from auth.identities i
         where i.user_id = u.id) as identities,
        (select coalesce(jsonb_agg(to_jsonb(f) - 'secret' order by f.created_at), '[]') from auth.mfa_factors f
         where f.user_id = u.id) as factors
    from auth.users u where u.deleted_at is null and
"""


def normal_email(email: str) -> str:
    """The one spelling under which an address is stored. Raises ValidationFailed."""
    spelled = email.strip().lower()
    if len(spelled) > MOST_EMAIL_CHARS or not EMAIL.fullmatch(spelled):
        raise ValidationFailed("Unable to validate email address: invalid format")
    return spelled


async def find_by_email(session: AsyncSession, email: str) -> UserRow | None:
    """The user with that address, in normal spelling."""
    rows = await session.execute(text(_USER + "u.email = :email and not u.is_sso_user"), {"email": email})
    return rows.first()


async def find(session: AsyncSession, user_id: UUID) -> UserRow | None:
    """The user with that id."""
    rows = await session.execute(text(_USER + "u.id = :id"), {"id": user_id})
    return rows.first()


async def get(session: AsyncSession, user_id: UUID) -> UserRow:
    """The user with that id. Raises UserNotFound."""
    user = await find(session, user_id)
    if user is None:
        raise UserNotFound()
    return user


async def list_users(session: AsyncSession) -> list[UserRow]:
    """All users, oldest first: id, email, raw_user_meta_data, created_at, last_sign_in_at, banned_until."""
    rows = await session.execute(
        text(
            "select id, email, raw_user_meta_data, created_at, last_sign_in_at, banned_until from auth.users"
            " where deleted_at is null order by created_at, id"
        )
    )
    return list(rows)


async def create_user(
    session: AsyncSession,
    email: str,
    password: str | None,
    now: datetime,
    *,
    user_metadata: dict[str, Any] | None = None,
    app_metadata: dict[str, Any] | None = None,
    user_id: UUID | None = None,
    confirmed: bool = True,
    invited: bool = False,
) -> UUID:
    """A user. Without a password nobody can sign in until one is set. Raises EmailExists, WeakPassword."""
    address, user_id = normal_email(email), user_id or uuid4()
    if password is not None:
        check_strength(password)
    hashed = await asyncio.to_thread(hash_password, password) if password is not None else ""
    inserted = await session.execute(
        text(
            "insert into auth.users (instance_id, id, aud, role, email, encrypted_password, email_confirmed_at,"
            " invited_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)"
            " values (:instance, :id, 'authenticated', 'authenticated', :email, :hashed, :confirmed,"
            " :invited, cast(:app as jsonb), cast(:metadata as jsonb), :now, :now) on conflict do nothing returning id"
        ),
        {
            "instance": UUID(int=0),
            "id": user_id,
            "email": address,
            "hashed": hashed,
            "now": now,
            "confirmed": now if confirmed else None,
            "invited": now if invited else None,
            "app": _metadata({"provider": "email", "providers": ["email"], **(app_metadata or {})}),
            "metadata": _metadata({"email_verified": confirmed, **(user_metadata or {})}),
        },
    )
    if inserted.first() is None:
        raise EmailExists()
    await _add_identity(session, user_id, address, now)
    return user_id


async def _add_identity(session: AsyncSession, user_id: UUID, email: str, now: datetime) -> None:
    data = {"sub": str(user_id), "email": email, "email_verified": True, "phone_verified": False}
    await session.execute(
        text(
            "insert into auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at)"
            " values (:sub, :id, cast(:data as jsonb), 'email', :now, :now)"
        ),
        {"sub": str(user_id), "id": user_id, "data": json.dumps(data), "now": now},
    )


async def set_password(
    session: AsyncSession, user_id: UUID, hashed: str, now: datetime, *, keep_session: UUID | None = None
) -> None:
    """Stores a new bcrypt hash and ends every session but `keep_session`: whoever knew the old one is out."""
    await session.execute(
        text("update auth.users set encrypted_password = :hashed, updated_at = :now where id = :id"),
        {"hashed": hashed, "now": now, "id": user_id},
    )
    await session.execute(
        text("delete from auth.sessions where user_id = :id and id is distinct from :keep"),
        {"id": user_id, "keep": keep_session},
    )


async def merge_metadata(session: AsyncSession, user: UserRow, data: dict[str, Any], now: datetime) -> None:
    """Adds to the user's own metadata; null takes a name away. Raises ValidationFailed when there is too much."""
    merged = _metadata({**(user.raw_user_meta_data or {}), **data})
    await session.execute(
        text("update auth.users set raw_user_meta_data = cast(:data as jsonb), updated_at = :now where id = :id"),
        {"data": merged, "now": now, "id": user.id},
    )


async def merge_app_metadata(session: AsyncSession, user: UserRow, data: dict[str, Any], now: datetime) -> None:
    """The same for what only the service may write."""
    merged = _metadata({**(user.raw_app_meta_data or {}), **data})
    await session.execute(
        text("update auth.users set raw_app_meta_data = cast(:data as jsonb), updated_at = :now where id = :id"),
        {"data": merged, "now": now, "id": user.id},
    )


def _metadata(data: dict[str, Any]) -> str:
    kept = json.dumps({name: value for name, value in data.items() if value is not None})
    if len(kept) > MOST_METADATA_CHARS:
        raise ValidationFailed("user_metadata is too large")
    return kept


def is_banned(user: UserRow, now: datetime) -> bool:
    return user.banned_until is not None and user.banned_until > now


def shown(user: UserRow) -> dict[str, Any]:
    """The user object of the protocol."""
    return {
        "id": str(user.id),
        "aud": user.aud or "authenticated",
        "role": user.role or "authenticated",
        "email": user.email or "",
        "email_confirmed_at": stamp(user.email_confirmed_at),
        "phone": user.phone or "",
        "confirmed_at": stamp(user.confirmed_at),
        "last_sign_in_at": stamp(user.last_sign_in_at),
        "app_metadata": user.raw_app_meta_data or {},
        "user_metadata": user.raw_user_meta_data or {},
        "identities": [_identity(item) for item in user.identities],
        "created_at": stamp(user.created_at),
        "updated_at": stamp(user.updated_at),
        "is_anonymous": user.is_anonymous,
        "factors": [_factor(item) for item in user.factors],
        **(
            {"new_email": user.email_change, "email_change_sent_at": stamp(user.email_change_sent_at)}
            if user.email_change
            else {}
        ),
        **({"invited_at": stamp(user.invited_at)} if user.invited_at else {}),
        **({"banned_until": stamp(user.banned_until)} if user.banned_until else {}),
    }


def _identity(item: dict[str, Any]) -> dict[str, Any]:
    kept = ("user_id", "identity_data", "provider", "last_sign_in_at", "created_at", "updated_at", "email")
    return {"identity_id": item["id"], "id": item["provider_id"], **{name: item[name] for name in kept}}


def _factor(item: dict[str, Any]) -> dict[str, Any]:
    kept = ("id", "status", "factor_type", "friendly_name", "phone", "created_at", "updated_at", "last_challenged_at")
    return {name: item[name] for name in kept}


def stamp(at: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
