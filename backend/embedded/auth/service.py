"""Signing in, staying in, changing oneself, signing out: each verb in the order its checks must run."""

from datetime import datetime, timedelta
from typing import Any

from backend.abuse import service as abuse
from backend.audit import service as audit
from backend.embedded.auth import codes, email_flows, guard, mfa, sessions, tokens, users
from backend.embedded.auth.context import Auth
from backend.embedded.auth.errors import (
    AuthRefusal,
    BadJwt,
    EmailNotConfirmed,
    InvalidCredentials,
    ReauthenticationNeeded,
    ReauthenticationNotValid,
    SamePassword,
    SecondFactorFirst,
    SessionNotFound,
    UserBanned,
    ValidationFailed,
)
from backend.embedded.auth.passwords import check_strength
from backend.embedded.auth.schemas import UserChange
from backend.embedded.auth.sessions import Client, Scope
from backend.embedded.auth.users import UserRow
from backend.tokens import Claims, TokenRefused, session_is_live

# How the audit log tells them apart.
SIGN_OUTS: dict[Scope, str] = {
    "local": "session.sign_out",
    "global": "session.sign_out_everywhere",
    "others": "session.sign_out_others",
}
# A sign-in counts as proof of who one is for that long.
RECENT = timedelta(hours=24)


async def sign_in(
    auth: Auth, email: str, password: str, captcha_token: str | None, client: Client, now: datetime
) -> dict[str, Any]:
    """A session for the right password. Unknown address and wrong password take as long and say the same.

    1. write the attempt down, unless there were too many, 2. find the user, 3. compare outside any transaction,
    4. open the session and say that the attempt succeeded.
    """
    attempt_id = await guard.enter(auth, email, captcha_token, client, now)
    try:
        address = users.normal_email(email)
    except ValidationFailed:
        address = ""
    async with auth.db.transaction() as session:
        user = await users.find_by_email(session, address)
    if not await auth.hasher.verify(password, user.encrypted_password if user else None) or user is None:
        raise InvalidCredentials()
    if user.email_confirmed_at is None:
        raise EmailNotConfirmed()
    _refuse_banned(user, now)
    async with auth.db.transaction() as session:
        await abuse.finish(session, attempt_id, user.id, "succeeded")
        opened = await sessions.open_session(session, user.id, "password", client, now)
        await audit.record_session_event(session, user.id, address, "session.sign_in", client.origin, now)
        grant = await tokens.prepare(session, auth.issuer, opened, now)
    return await tokens.issue(auth.issuer, grant, now)


async def refresh(auth: Auth, token: str, now: datetime) -> dict[str, Any]:
    """The same session with a new access token and the next refresh token."""
    async with auth.db.transaction() as session:
        outcome = await sessions.refresh(session, token, auth.refresh_key, now)
        grant = None
        if not isinstance(outcome, AuthRefusal):
            _refuse_banned(await users.get(session, outcome.user_id), now)
            grant = await tokens.prepare(session, auth.issuer, outcome, now)
    if isinstance(outcome, AuthRefusal):
        raise outcome
    assert grant is not None
    return await tokens.issue(auth.issuer, grant, now)


async def authenticate(auth: Auth, token: str, now: datetime) -> Claims:
    """The claims of a token whose session still stands. Raises BadJwt, SessionNotFound."""
    try:
        claims = await auth.verifier.verify(token, now)
    except TokenRefused as refused:
        raise BadJwt(f"invalid JWT: {refused.detail}") from None
    async with auth.db.transaction() as session:
        if not await session_is_live(session, claims.session_id, now):
            raise SessionNotFound()
    return claims


async def current_user(auth: Auth, claims: Claims) -> dict[str, Any]:
    """The user object of whoever asks."""
    async with auth.db.transaction() as session:
        return users.shown(await users.get(session, claims.sub))


async def change_user(auth: Auth, claims: Claims, change: UserChange, client: Client, now: datetime) -> dict[str, Any]:
    """Changes whoever asks: a new password ends their other sessions, a new address waits for its code.

    Password and address need the second factor, if there is one, and a sign-in of today, the current password or
    the nonce of GET /reauthenticate.
    """
    async with auth.db.transaction() as session:
        user = await users.get(session, claims.sub)
        email = users.normal_email(change.email) if change.email else None
        sensitive = (email is not None and email != user.email) or change.password is not None
        if sensitive and await mfa.is_weaker_than_possible(session, claims):
            raise SecondFactorFirst()
    if sensitive:
        await _prove_again(auth, claims, user, change, now)
    hashed = await _new_hash(auth, user, change.password) if change.password is not None else None
    async with auth.db.transaction() as session:
        if hashed is not None:
            await users.set_password(session, user.id, hashed, now, keep_session=claims.session_id)
            address = user.email or ""
            await audit.record_session_event(session, user.id, address, "account.password", client.origin, now)
        if change.data:
            await users.merge_metadata(session, user, change.data, now)
        if email is not None and email != user.email:
            await email_flows.begin_email_change(session, auth, user, email, now)
        return users.shown(await users.get(session, user.id))


async def sign_out(auth: Auth, claims: Claims, scope: Scope, client: Client, now: datetime) -> None:
    """Ends this session, all, or all others."""
    async with auth.db.transaction() as session:
        user = await users.get(session, claims.sub)
        await sessions.end_sessions(session, user.id, claims.session_id, scope)
        await audit.record_session_event(session, user.id, user.email or "", SIGN_OUTS[scope], client.origin, now)


async def _prove_again(auth: Auth, claims: Claims, user: UserRow, change: UserChange, now: datetime) -> None:
    """Raises InvalidCredentials, ReauthenticationNeeded, ReauthenticationNotValid."""
    if change.current_password is not None:
        if not await auth.hasher.verify(change.current_password, user.encrypted_password):
            raise InvalidCredentials("Current password is wrong")
        return
    async with auth.db.transaction() as session:
        began = await sessions.began_at(session, claims.session_id)
        if began is not None and now - began < RECENT:
            return
        if not change.nonce:
            raise ReauthenticationNeeded()
        taken = await codes.take(session, user.email or "", ("reauthentication",), change.nonce, auth.code_key, now)
    if taken is None or taken[0] != user.id:
        raise ReauthenticationNotValid()


async def _new_hash(auth: Auth, user: UserRow, password: str) -> str:
    check_strength(password)
    if await auth.hasher.verify(password, user.encrypted_password):
        raise SamePassword()
    return await auth.hasher.hash(password)


def _refuse_banned(user: UserRow, now: datetime) -> None:
    if users.is_banned(user, now):
        raise UserBanned()
