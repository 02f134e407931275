"""/auth/v1 as supabase-js and supabase-py call it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Literal

from fastapi import APIRouter, Query, Response

from backend.abuse import captcha
from backend.deps import Deps
from backend.embedded import cors
from backend.embedded.auth import keys, service
from backend.embedded.auth.context import Auth
from backend.embedded.auth.errors import UnsupportedGrantType, ValidationFailed
from backend.embedded.auth.mail import Mailer
from backend.embedded.auth.passwords import PasswordHasher
from backend.embedded.auth.schemas import TokenRequest, UserChange
from backend.embedded.auth.sealing import Sealer
from backend.embedded.auth.signing import Signer, ensure_signing_key, published_keys
from backend.embedded.auth.tokens import Issuer
from backend.embedded.auth.wire import AuthDep, AuthRoute, ClaimsDep, ClientDep, DepsDep
from backend.mail.service import post
from backend.tokens import TokenVerifier, issuer_of
from backend.version import VERSION

router = APIRouter(prefix="/auth/v1", route_class=AuthRoute, tags=["auth"])
# Preflight requests carry neither key nor token.
preflight = APIRouter(prefix="/auth/v1", tags=["auth"])


@asynccontextmanager
async def open_auth(deps: Deps, verifier: TokenVerifier, mailer: Mailer | None = None) -> AsyncGenerator[Auth]:
    """Makes keys on the first start, then what the routes work with."""
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        await ensure_signing_key(session, now)
        api_keys, secrets = await keys.ensure_keys(session, now)
    lifetime = timedelta(seconds=deps.settings.access_token_seconds)
    issuer = Issuer(issuer_of(deps.settings), lifetime, Signer(deps.db))
    hasher = PasswordHasher()
    try:
        yield Auth(
            db=deps.db,
            settings=deps.settings,
            issuer=issuer,
            verifier=verifier,
            hasher=hasher,
            keys=api_keys,
            mailer=mailer or post,
            sealer=Sealer(secrets.factor_key),
            refresh_key=secrets.refresh_key,
            code_key=secrets.code_key,
            captcha_key=secrets.captcha_key,
        )
    finally:
        hasher.close()


@preflight.options("/{path:path}")
async def allow_origin(path: str) -> Response:
    """CORS preflight."""
    return Response(status_code=204, headers=cors.PREFLIGHT)


@router.post("/token")
async def token(
    body: TokenRequest, auth: AuthDep, deps: DepsDep, client: ClientDep, grant_type: str = Query("")
) -> dict[str, Any]:
    """Signs in with a password, or refreshes a session."""
    now = deps.clock.now()
    if grant_type == "password":
        if not body.email or not body.password:
            raise ValidationFailed("email and password are required")
        return await service.sign_in(auth, body.email, body.password, body.captcha_token, client, now)
    if grant_type == "refresh_token":
        if not body.refresh_token:
            raise ValidationFailed("refresh_token required")
        return await service.refresh(auth, body.refresh_token, now)
    raise UnsupportedGrantType()


@router.get("/user")
async def get_user(auth: AuthDep, claims: ClaimsDep) -> dict[str, Any]:
    """The signed-in user."""
    return await service.current_user(auth, claims)


@router.put("/user")
async def put_user(
    body: UserChange, auth: AuthDep, deps: DepsDep, claims: ClaimsDep, client: ClientDep
) -> dict[str, Any]:
    """Changes the signed-in user's password or metadata."""
    return await service.change_user(auth, claims, body, client, deps.clock.now())


@router.post("/logout", status_code=204)
async def logout(
    auth: AuthDep,
    deps: DepsDep,
    claims: ClaimsDep,
    client: ClientDep,
    scope: Literal["global", "local", "others"] = Query("global"),
) -> Response:
    """Ends all sessions, this one, or all others."""
    await service.sign_out(auth, claims, scope, client, deps.clock.now())
    return Response(status_code=204)


@router.get("/.well-known/jwks.json")
async def jwks(auth: AuthDep, response: Response) -> dict[str, Any]:
    """Public keys that verify our tokens."""
    response.headers["cache-control"] = "public, max-age=600"
    async with auth.db.transaction() as session:
        return {"keys": await published_keys(session)}


@router.get("/captcha")
async def captcha_challenge(auth: AuthDep, deps: DepsDep, response: Response) -> dict[str, Any]:
    """Work for an ALTCHA widget; its payload goes into gotrue_meta_security.captcha_token, once."""
    response.headers["cache-control"] = "no-store"
    return captcha.challenge(auth.captcha_key, deps.settings.captcha_max_number, deps.clock.now())


@router.get("/settings")
async def settings(auth: AuthDep) -> dict[str, Any]:
    """What this instance offers."""
    return {
        "external": {"email": True, "phone": False, "anonymous_users": False},
        "disable_signup": not auth.settings.signup_open,
        "mailer_autoconfirm": False,
        "phone_autoconfirm": False,
        "sms_provider": "",
        "saml_enabled": False,
    }


@router.get("/health")
async def health() -> dict[str, str]:
    """Who answers."""
    return {"name": "GoTrue", "version": f"nightdesk-{VERSION}", "description": "Nightdesk's embedded sign-in"}
