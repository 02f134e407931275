"""Signing keys: they take turns, and nobody is signed out when they do."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.deps import Deps
from backend.embedded.auth import signing
from backend.errors import Conflict, NotFound
from backend.signing_keys import EMBEDDED_KEYS_KEPT, KeyRing, embedded_keys
from backend.tokens import TokenVerifier, UnknownSigningKey, issuer_of
from tests.support.clock import MovableClock

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LIFETIME = timedelta(hours=1)


async def states(session: AsyncSession) -> dict[str, str]:
    return {key.kid: key.status for key in await signing.key_states(session)}


async def kid_of(session: AsyncSession, status: str) -> str:
    return next(kid for kid, found in (await states(session)).items() if found == status)


async def test_keys_take_turns(session: AsyncSession) -> None:
    first = (await signing.ensure_signing_key(session, NOW)).kid
    second = await kid_of(session, "standby")
    await signing.rotate(session, LIFETIME, NOW)
    assert await states(session) == {
        first: "previously_used",
        second: "in_use",
        await kid_of(session, "standby"): "standby",
    }
    third = await kid_of(session, "standby")
    await signing.rotate(session, LIFETIME, NOW + timedelta(minutes=30))
    assert (await states(session))[first] == "previously_used"
    await signing.rotate(session, LIFETIME, NOW + LIFETIME + signing.VERIFIERS_KEEP)
    after = await states(session)
    assert first not in after
    assert (after[second], after[third]) == ("previously_used", "previously_used")


async def test_every_published_key_is_public_only(session: AsyncSession) -> None:
    await signing.rotate(session, LIFETIME, NOW)
    published = await signing.published_keys(session)
    assert len(published) == 3
    assert all("d" not in key and key["key_ops"] == ["verify"] for key in published)


async def test_the_key_in_use_is_not_revoked_but_replaced(session: AsyncSession) -> None:
    leaked = (await signing.ensure_signing_key(session, NOW)).kid
    with pytest.raises(Conflict):
        await signing.revoke(session, leaked, NOW)
    with pytest.raises(NotFound):
        await signing.revoke(session, "invented", NOW)
    await signing.rotate(session, LIFETIME, NOW)
    await signing.revoke(session, leaked, NOW)
    assert leaked not in await states(session)


async def test_tokens_of_both_keys_are_good_until_the_older_is_revoked(deps: Deps, clock: MovableClock) -> None:
    signer = signing.Signer(deps.db)
    verifier = TokenVerifier(issuer_of(deps.settings), KeyRing(embedded_keys(deps.db), EMBEDDED_KEYS_KEPT))
    claims = {
        "iss": issuer_of(deps.settings),
        "sub": "00000000-0000-4000-8000-000000000001",
        "aud": "authenticated",
        "role": "authenticated",
        "exp": int((clock.now() + timedelta(days=1)).timestamp()),
    }
    older = await signer.sign(claims, clock.now())
    await verifier.verify(older, clock.now())
    async with deps.db.transaction() as session:
        await signing.rotate(session, LIFETIME, clock.now())
    clock.advance(seconds=signing.KEPT.total_seconds())
    newer = await signer.sign(claims, clock.now())
    kids = [jwt.get_unverified_header(token)["kid"] for token in (older, newer)]
    assert kids[0] != kids[1]
    for token in (older, newer):
        await verifier.verify(token, clock.now())
    async with deps.db.transaction() as session:
        await signing.revoke(session, kids[0], clock.now())
    clock.advance(seconds=EMBEDDED_KEYS_KEPT.total_seconds())
    with pytest.raises(UnknownSigningKey):
        await verifier.verify(older, clock.now())
    await verifier.verify(newer, clock.now())
