"""What a sign-in hands out: an access token with Supabase's claims, inside a session object."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.embedded.auth import users
from backend.embedded.auth.sessions import Opened, assurance
from backend.embedded.auth.signing import Signer
from backend.embedded.auth.users import UserRow
from backend.tokens import AUDIENCE, ROLE


@dataclass(frozen=True)
class Issuer:
    """Who issues tokens, and for how long."""

    url: str
    lifetime: timedelta
    signer: Signer


@dataclass(frozen=True)
class Grant:
    """A session object that lacks only its signature; made inside the transaction, signed after it."""

    user: dict[str, Any]
    claims: dict[str, Any]
    refresh_token: str


async def prepare(session: AsyncSession, issuer: Issuer, opened: Opened, now: datetime) -> Grant:
    """Reads what the tokens of this sign-in say now."""
    user = await users.get(session, opened.user_id)
    level, methods = await assurance(session, opened.session_id)
    claims = _claims(issuer, user, now) | {"aal": level, "amr": methods, "session_id": str(opened.session_id)}
    return Grant(users.shown(user), claims, opened.refresh_token)


async def issue(issuer: Issuer, grant: Grant, now: datetime) -> dict[str, Any]:
    """The session object of the protocol."""
    return {
        "access_token": await issuer.signer.sign(grant.claims, now),
        "token_type": "bearer",
        "expires_in": int(issuer.lifetime.total_seconds()),
        "expires_at": grant.claims["exp"],
        "refresh_token": grant.refresh_token,
        "user": grant.user,
        "weak_password": None,
    }


def _claims(issuer: Issuer, user: UserRow, now: datetime) -> dict[str, Any]:
    return {
        "iss": issuer.url,
        "sub": str(user.id),
        "aud": AUDIENCE,
        "exp": int((now + issuer.lifetime).timestamp()),
        "iat": int(now.timestamp()),
        "email": user.email or "",
        "phone": user.phone or "",
        "app_metadata": user.raw_app_meta_data or {},
        "user_metadata": user.raw_user_meta_data or {},
        "role": ROLE,
        "is_anonymous": user.is_anonymous,
    }
