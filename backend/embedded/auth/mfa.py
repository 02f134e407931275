"""Second factor: enrol, challenge, verify, unenrol, and the recovery codes that stand in for a lost phone."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.abuse import service as abuse
from backend.embedded.auth import factors, guard, recovery, sessions, tokens, totp, users
from backend.embedded.auth.context import Auth
from backend.embedded.auth.errors import (
    AuthRefusal,
    FactorTypeNotEnabled,
    InsufficientAal,
    SessionNotFound,
    VerificationFailed,
)
from backend.embedded.auth.factors import FactorRow
from backend.embedded.auth.schemas import Enrolment, Verification
from backend.embedded.auth.sessions import Client, Opened
from backend.tokens import Claims

ISSUER = "Nightdesk"
# What a challenge is bound to when the address cannot be told.
NOWHERE = "0.0.0.0"  # noqa: S104


async def enrol(auth: Auth, claims: Claims, wanted: Enrolment, now: datetime) -> dict[str, Any]:
    """A factor that does not count before its first code was verified; the secret is shown this once."""
    if wanted.factor_type != "totp":
        raise FactorTypeNotEnabled()
    secret = totp.new_secret()
    async with auth.db.transaction() as session:
        user = await users.get(session, claims.sub)
        await _need_aal2(session, claims, "AAL2 required to enroll a new factor")
        name = (wanted.friendly_name or "").strip()
        factor_id = await factors.add(session, user.id, name, auth.sealer.seal(secret), now)
    uri = totp.uri(secret, user.email or str(user.id), (wanted.issuer or "").strip() or ISSUER)
    shown = {"qr_code": totp.qr_code(uri), "secret": secret, "uri": uri}
    return {"id": str(factor_id), "type": "totp", "friendly_name": name, "totp": shown}


async def challenge(auth: Auth, claims: Claims, factor_id: UUID, client: Client, now: datetime) -> dict[str, Any]:
    """Opens the time in which a code can be given."""
    async with auth.db.transaction() as session:
        factor = await factors.of_user(session, factor_id, claims.sub)
        challenge_id = await factors.challenge(session, factor.id, client.ip or NOWHERE, now)
    expires_at = int((now + factors.CHALLENGE_LIFE).timestamp())
    return {"id": str(challenge_id), "type": "totp", "expires_at": expires_at}


async def verify(
    auth: Auth, claims: Claims, factor_id: UUID, given: Verification, client: Client, now: datetime
) -> dict[str, Any]:
    """The session, raised to aal2 by the code of an app. A recovery code removes the factor instead.

    A refusal is raised after the transaction: the wrong guess has to be counted.
    """
    attempt_id = await guard.enter_factor(auth, claims.email or str(claims.sub), client, now)
    async with auth.db.transaction() as session:
        outcome = await _answer(session, auth, claims, factor_id, given, client, now)
        if isinstance(outcome, AuthRefusal):
            if not isinstance(outcome, VerificationFailed):
                await abuse.withdraw(session, attempt_id)
        else:
            await abuse.finish(session, attempt_id, claims.sub, "succeeded")
            outcome = await tokens.prepare(session, auth.issuer, outcome, now)
    if isinstance(outcome, AuthRefusal):
        raise outcome
    return await tokens.issue(auth.issuer, outcome, now)


async def unenrol(auth: Auth, claims: Claims, factor_id: UUID) -> dict[str, Any]:
    """Takes a factor away; sessions that had proved it are lower from now on."""
    async with auth.db.transaction() as session:
        factor = await factors.of_user(session, factor_id, claims.sub, lock=True)
        if factor.status == "verified":
            await _need_aal2(session, claims, "AAL2 required to unenroll verified factor")
        await remove_factor(session, factor)
    return {"id": str(factor_id)}


async def make_recovery_codes(auth: Auth, claims: Claims, now: datetime) -> dict[str, Any]:
    """Ten codes, shown this once; whoever asks has just proved their factor."""
    async with auth.db.transaction() as session:
        if await factors.verified_count(session, claims.sub) == 0:
            raise InsufficientAal("Verify a factor first: recovery codes stand in for one.")
        await _need_aal2(session, claims, "AAL2 required to make recovery codes")
        return {"codes": await recovery.replace_codes(session, claims.sub, auth.code_key, now)}


async def count_recovery_codes(auth: Auth, claims: Claims) -> dict[str, Any]:
    async with auth.db.transaction() as session:
        return {"remaining": await recovery.remaining(session, claims.sub)}


async def remove_factor(session: AsyncSession, factor: FactorRow) -> None:
    """A factor and what hangs on it; the last one takes the recovery codes along."""
    await sessions.lower_sessions(session, factor.id)
    await factors.remove(session, factor.id)
    if await factors.verified_count(session, factor.user_id) == 0:
        await recovery.drop_codes(session, factor.user_id)


async def is_weaker_than_possible(session: AsyncSession, claims: Claims) -> bool:
    """Whether the person has a second factor that this session has not proved."""
    return claims.aal != "aal2" and await factors.verified_count(session, claims.sub) > 0


async def _need_aal2(session: AsyncSession, claims: Claims, sentence: str) -> None:
    if await is_weaker_than_possible(session, claims):
        raise InsufficientAal(sentence)


async def _answer(
    session: AsyncSession,
    auth: Auth,
    claims: Claims,
    factor_id: UUID,
    given: Verification,
    client: Client,
    now: datetime,
) -> Opened | AuthRefusal:
    factor = await factors.of_user(session, factor_id, claims.sub, lock=True)
    refusal = await factors.open_challenge(session, given.challenge_id, factor.id, client.ip or NOWHERE, now)
    if refusal is not None:
        return refusal
    if claims.session_id is None:
        raise SessionNotFound()
    if recovery.is_recovery_code(given.code):
        opened = await _recover(session, auth, claims.session_id, factor, given.code, now)
    else:
        opened = await _prove(session, auth, claims.session_id, factor, given.code.strip(), now)
    if opened is None:
        await factors.count_guess(session, given.challenge_id)
        return VerificationFailed()
    await factors.use_challenge(session, given.challenge_id, now)
    return opened


async def _prove(
    session: AsyncSession, auth: Auth, session_id: UUID, factor: FactorRow, code: str, now: datetime
) -> Opened | None:
    secret = auth.sealer.unseal(factor.secret or "")
    step = totp.matching_step(secret, code, factor.last_step, now) if secret else None
    if step is None:
        return None
    await factors.mark_verified(session, factor, step, now)
    opened = await sessions.step_up(session, session_id, "totp", auth.refresh_key, now, factor_id=factor.id)
    await sessions.end_weaker_sessions(session, factor.user_id)
    return opened


async def _recover(
    session: AsyncSession, auth: Auth, session_id: UUID, factor: FactorRow, code: str, now: datetime
) -> Opened | None:
    """Whoever has the lost phone is out; the person stays at aal1 until they have enrolled another."""
    if factor.status != "verified" or not await recovery.use_code(session, factor.user_id, code, auth.code_key):
        return None
    await remove_factor(session, factor)
    await sessions.end_sessions(session, factor.user_id, session_id, "others")
    return await sessions.step_up(session, session_id, "recovery_code", auth.refresh_key, now)
