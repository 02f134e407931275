"""User tokens: a JWT becomes verified claims or one named refusal; the algorithm follows the key, never the token."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import httpx
import jwt
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db import Database
from backend.errors import NightdeskError
from backend.settings import Settings
from backend.signing_keys import ASYMMETRIC, EMBEDDED_KEYS_KEPT, HOSTED_KEYS_KEPT, KeyRing, embedded_keys, hosted_keys

AUDIENCE = "authenticated"
ROLE = "authenticated"
MAX_TOKEN_CHARS = 16_384


class TokenRefused(NightdeskError):
    """The bearer token was not accepted. Sign in again."""

    status, code = 401, "token_refused"


class MalformedToken(TokenRefused):
    """The bearer token is not a valid JWT. Sign in again."""

    code = "token_malformed"


class AlgorithmRefused(TokenRefused):
    """The bearer token is signed with an algorithm that is not accepted here."""

    code = "token_algorithm"


class UnknownSigningKey(TokenRefused):
    """The bearer token is signed with a key that is not, or no longer, in use. Sign in again."""

    code = "token_unknown_key"


class BadSignature(TokenRefused):
    """The signature of the bearer token is wrong."""

    code = "token_bad_signature"


class TokenExpired(TokenRefused):
    """The bearer token has expired. Refresh it or sign in again."""

    code = "token_expired"


class TokenNotYetValid(TokenRefused):
    """The bearer token is not valid yet. Check the clocks."""

    code = "token_not_yet_valid"


class WrongIssuer(TokenRefused):
    """The bearer token was issued by somebody else."""

    code = "token_wrong_issuer"


class WrongAudience(TokenRefused):
    """The bearer token is meant for somebody else."""

    code = "token_wrong_audience"


class WrongRole(TokenRefused):
    """The bearer token is not that of a signed-in person."""

    code = "token_wrong_role"


class BadSubject(TokenRefused):
    """The bearer token does not say whose it is."""

    code = "token_bad_subject"


@dataclass(frozen=True)
class Claims:
    """What a verified token says. `amr`: (method, when), newest first; `raw`: all claims, for row-level security."""

    sub: UUID
    session_id: UUID | None
    role: str
    aal: str
    amr: tuple[tuple[str, datetime], ...]
    email: str
    expires_at: datetime
    raw: dict[str, Any] = field(repr=False)


class TokenVerifier:
    """Verifies the tokens of one issuer. `secret` turns on HS256, for projects that still sign with it."""

    def __init__(self, issuer: str, keys: KeyRing, secret: str | None = None) -> None:
        self._issuer = issuer
        self._keys = keys
        self._secret = secret

    async def verify(self, token: str, now: datetime) -> Claims:
        """The claims of a token that is genuine, current and a signed-in person's. Raises a TokenRefused."""
        if len(token) > MAX_TOKEN_CHARS:
            raise MalformedToken()
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise MalformedToken() from None
        key, algorithm = await self._key_for(header, now)
        payload = _check_signature(token, key, algorithm)
        _check_window(payload, now)
        _check_claims(payload, self._issuer)
        return _claims(payload)

    async def _key_for(self, header: Mapping[str, Any], now: datetime) -> tuple[jwt.PyJWK | str, str]:
        algorithm = header.get("alg")
        if algorithm == "HS256" and self._secret is not None:
            return self._secret, "HS256"
        if algorithm not in ASYMMETRIC:
            raise AlgorithmRefused()
        kid = header.get("kid")
        key = await self._keys.find(kid, now) if isinstance(kid, str) else None
        if key is None:
            raise UnknownSigningKey()
        if key.algorithm_name != algorithm:
            raise AlgorithmRefused()
        return key, key.algorithm_name


def open_verifier(settings: Settings, db: Database, http: httpx.AsyncClient) -> TokenVerifier:
    """The verifier of this installation: of the Supabase project, or of the embedded edge."""
    if settings.supabase_inside is None:
        return TokenVerifier(issuer_of(settings), KeyRing(embedded_keys(db), EMBEDDED_KEYS_KEPT))
    secret = settings.supabase_jwt_secret
    keys = KeyRing(hosted_keys(http, settings.supabase_inside), HOSTED_KEYS_KEPT)
    return TokenVerifier(issuer_of(settings), keys, secret.get_secret_value() if secret else None)


def issuer_of(settings: Settings) -> str:
    """The `iss` of every user token."""
    return f"{settings.supabase_url or settings.url}/auth/v1"


async def session_level(session: AsyncSession, session_id: UUID | None, now: datetime) -> str | None:
    """The assurance level (aal1, aal2) of the sign-in behind a token as it is now; None: it is over."""
    row = await session.execute(
        text(
            "select coalesce(aal, 'aal1') from auth.sessions where id = :id and (not_after is null or not_after > :now)"
        ),
        {"id": session_id, "now": now},
    )
    return row.scalar_one_or_none()


async def session_is_live(session: AsyncSession, session_id: UUID | None, now: datetime) -> bool:
    """Whether the sign-in behind a token still stands; a token alone cannot say that."""
    return await session_level(session, session_id, now) is not None


def _check_signature(token: str, key: jwt.PyJWK | str, algorithm: str) -> dict[str, Any]:
    # Only the signature: the time is ours to check, by the clock that was handed down.
    options: Any = {f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}
    try:
        return jwt.decode(token, key, algorithms=[algorithm], options=options)
    except jwt.InvalidSignatureError:
        raise BadSignature() from None
    except jwt.PyJWTError:
        raise MalformedToken() from None


def _check_window(payload: Mapping[str, Any], now: datetime) -> None:
    expires_at = payload.get("exp")
    if not isinstance(expires_at, int | float):
        raise MalformedToken()
    if expires_at <= now.timestamp():
        raise TokenExpired(f"Token has expired {int(now.timestamp() - expires_at)} seconds ago")
    not_before = payload.get("nbf")
    if isinstance(not_before, int | float) and not_before > now.timestamp():
        raise TokenNotYetValid()


def _check_claims(payload: Mapping[str, Any], issuer: str) -> None:
    if payload.get("iss") != issuer:
        raise WrongIssuer()
    audience = payload.get("aud")
    if audience != AUDIENCE and not (isinstance(audience, list) and AUDIENCE in audience):
        raise WrongAudience()
    if payload.get("role") != ROLE:
        raise WrongRole()


def _claims(payload: dict[str, Any]) -> Claims:
    subject = _uuid(payload.get("sub"))
    if subject is None:
        raise BadSubject()
    return Claims(
        sub=subject,
        session_id=_uuid(payload.get("session_id")),
        role=ROLE,
        aal=str(payload.get("aal") or "aal1"),
        amr=_methods(payload.get("amr")),
        email=str(payload.get("email") or ""),
        expires_at=_time(payload["exp"]),
        raw=payload,
    )


def _methods(value: object) -> tuple[tuple[str, datetime], ...]:
    items = cast(list[Any], value) if isinstance(value, list) else []
    entries = [cast(dict[str, Any], item) for item in items if isinstance(item, dict)]
    return tuple(
        (str(entry.get("method")), _time(entry["timestamp"]))
        for entry in entries
        if isinstance(entry.get("timestamp"), int | float)
    )


def _time(seconds: float) -> datetime:
    # Beyond the calendar means "far away", not an error of the person who signs in.
    return datetime.fromtimestamp(min(max(seconds, 0), 253402300799), UTC)


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
