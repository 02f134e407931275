"""What goes through a mailbox: recovery, sign-in and sign-up by code, changing the address, proving oneself again.

Asking is answered before anything is looked up, so that neither the answer nor its time says who has an account.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.abuse import service as abuse
from backend.audit import service as audit
from backend.embedded.auth import addresses, codes, guard, letters, sessions, tokens, users
from backend.embedded.auth.codes import Purpose
from backend.embedded.auth.context import Auth
from backend.embedded.auth.errors import (
    AuthRefusal,
    EmailExists,
    OtpExpired,
    SignupDisabled,
    UserBanned,
    ValidationFailed,
)
from backend.embedded.auth.passwords import check_strength
from backend.embedded.auth.schemas import CodeGiven, SignUp
from backend.embedded.auth.sessions import Client
from backend.embedded.auth.tokens import Grant
from backend.embedded.auth.users import UserRow
from backend.tokens import Claims

# The `type` of POST /verify, and which codes it may name.
TYPES: dict[str, tuple[Purpose, ...]] = {
    "signup": ("signup",),
    "invite": ("invite",),
    "recovery": ("recovery",),
    "magiclink": ("magiclink",),
    "email": ("magiclink", "signup"),
    "email_change": ("email_change",),
}


async def send_code(session: AsyncSession, auth: Auth, user: UserRow, purpose: Purpose, to: str, now: datetime) -> None:
    """Makes a code and hands the letter over, unless one was sent a moment ago."""
    code = await codes.issue(session, user.id, purpose, to, auth.code_key, now)
    if code is not None:
        await auth.mailer(session, letters.with_code(purpose, to, code, auth.settings.url), now)


async def ask(auth: Auth, email: str, purpose: Purpose, now: datetime) -> None:
    """Sends a code to whoever has an account of that address. Says nothing: it runs after the answer."""
    async with auth.db.transaction() as session:
        user = await users.find_by_email(session, email)
        if user is None or users.is_banned(user, now):
            return
        if purpose == "signup" and user.email_confirmed_at is not None:
            return
        if purpose == "magiclink" and user.email_confirmed_at is None:
            purpose = "signup"
        await send_code(session, auth, user, purpose, email, now)


async def ask_again(auth: Auth, email: str, kind: str, now: datetime) -> None:
    """POST /resend: a new code for a sign-up or for a change of address that waits for one."""
    if kind == "signup":
        return await ask(auth, email, "signup", now)
    async with auth.db.transaction() as session:
        user = await addresses.find_by_new_email(session, email)
        if user is not None:
            await send_code(session, auth, user, "email_change", email, now)


async def sign_up(auth: Auth, body: SignUp, client: Client, now: datetime) -> dict[str, Any]:
    """A user who has to confirm their address. A taken address is answered alike, and gets no letter."""
    if not auth.settings.signup_open:
        raise SignupDisabled()
    email = users.normal_email(body.email)
    check_strength(body.password)
    await guard.ask_for_letter(auth, email, body.captcha_token, client, now)
    hashed = await auth.hasher.hash(body.password)
    async with auth.db.transaction() as session:
        found = await users.find_by_email(session, email)
        if found is not None and (found.email_confirmed_at is not None or found.invited_at is not None):
            return addresses.shown_to_a_stranger(email, body.data, now)
        if found is not None:
            # Two strangers claim the address: neither's password may survive, whoever reads the mail sets one.
            await users.set_password(session, found.id, "", now)
            await send_code(session, auth, found, "signup", email, now)
            return addresses.shown_to_a_stranger(email, body.data, now)
        user_id = await users.create_user(session, email, None, now, user_metadata=body.data, confirmed=False)
        await users.set_password(session, user_id, hashed, now)
        user = await users.get(session, user_id)
        await send_code(session, auth, user, "signup", email, now)
        return {**users.shown(user), "user_metadata": addresses.metadata_of(body.data)}


async def confirm(auth: Auth, given: CodeGiven, client: Client, now: datetime) -> dict[str, Any]:
    """A session for the right code. Raises OtpExpired after the transaction: the wrong guess has to be counted."""
    purposes = TYPES.get(given.type)
    if purposes is None or not given.email or not given.token:
        raise ValidationFailed("Verify requires a type, an email and a token")
    email = users.normal_email(given.email)
    attempt_id = await guard.enter(auth, email, given.captcha_token, client, now)
    async with auth.db.transaction() as session:
        outcome = await _confirmed(session, auth, email, purposes, given.token, client, now)
        if not isinstance(outcome, AuthRefusal):
            await abuse.finish(session, attempt_id, UUID(outcome.user["id"]), "succeeded")
    if isinstance(outcome, AuthRefusal):
        raise outcome
    return await tokens.issue(auth.issuer, outcome, now)


async def reauthenticate(auth: Auth, claims: Claims, now: datetime) -> None:
    """Sends the signed-in person a nonce with which they may change password and address."""
    async with auth.db.transaction() as session:
        user = await users.get(session, claims.sub)
        if user.email:
            await send_code(session, auth, user, "reauthentication", user.email, now)


async def begin_email_change(session: AsyncSession, auth: Auth, user: UserRow, email: str, now: datetime) -> None:
    """Notes the new address and sends a code there; until it comes back nothing changes. Raises EmailExists."""
    if await users.find_by_email(session, email) is not None:
        raise EmailExists()
    await addresses.note_new_email(session, user.id, email, now)
    await send_code(session, auth, user, "email_change", email, now)


async def _confirmed(
    session: AsyncSession,
    auth: Auth,
    email: str,
    purposes: tuple[Purpose, ...],
    code: str,
    client: Client,
    now: datetime,
) -> Grant | AuthRefusal:
    taken = await codes.take(session, email, purposes, code, auth.code_key, now)
    user = await users.find(session, taken[0]) if taken else None
    if taken is None or user is None:
        return OtpExpired()
    if users.is_banned(user, now):
        return UserBanned()
    if taken[1] == "email_change":
        if user.email_change != email or await users.find_by_email(session, email) is not None:
            return OtpExpired()
        await addresses.change_email(session, user.id, email, now)
        await audit.record_session_event(session, user.id, email, "account.email", client.origin, now)
        if user.email:
            await auth.mailer(session, letters.address_changed(user.email, email, auth.settings.url), now)
    else:
        await addresses.confirm_email(session, user.id, now)
    await audit.record_session_event(session, user.id, email, "session.sign_in", client.origin, now)
    opened = await sessions.open_session(session, user.id, "otp", client, now)
    return await tokens.prepare(session, auth.issuer, opened, now)
