"""User tokens: each way to be wrong is refused by its own name; keys come from the ring, algorithms from the key."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from backend.errors import Unavailable
from backend.signing_keys import HOSTED_KEYS_KEPT, LEAST_GAP, KeyRing, hosted_keys
from backend.tokens import (
    AlgorithmRefused,
    BadSignature,
    BadSubject,
    MalformedToken,
    TokenExpired,
    TokenNotYetValid,
    TokenRefused,
    TokenVerifier,
    UnknownSigningKey,
    WrongAudience,
    WrongIssuer,
    WrongRole,
)

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
ISSUER = "https://project.supabase.co/auth/v1"
SECRET = "a secret that is long enough for HS256"
EC_KEY, OTHER_EC_KEY = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
RSA_KEY = rsa.generate_private_key(65537, 2048)
JWKS = [
    {**ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True), "kid": "ec", "alg": "ES256"},
    {**RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True), "kid": "rsa", "alg": "RS256"},
    {"kid": "broken", "alg": "ES256", "kty": "EC", "crv": "P-256", "x": "!", "y": "!"},
    {"kid": "hmac", "alg": "HS256", "kty": "oct", "k": "c2VjcmV0"},
]


class Fetched:
    """Counts how often keys are asked for."""

    def __init__(self, keys: Sequence[Mapping[str, Any]] = JWKS) -> None:
        self.keys = keys
        self.times = 0

    async def __call__(self) -> Sequence[Mapping[str, Any]]:
        self.times += 1
        return self.keys


def claims(**changes: Any) -> dict[str, Any]:
    said = {
        "iss": ISSUER,
        "sub": str(uuid4()),
        "aud": "authenticated",
        "role": "authenticated",
        "exp": int((NOW + timedelta(hours=1)).timestamp()),
        "iat": int(NOW.timestamp()),
        "email": "alice@example.org",
        "aal": "aal2",
        "amr": [{"method": "totp", "timestamp": int(NOW.timestamp())}],
        "session_id": str(uuid4()),
    }
    return {name: value for name, value in {**said, **changes}.items() if value is not None}


def signed(key: Any = EC_KEY, kid: str | None = "ec", algorithm: str = "ES256", **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers={"kid": kid} if kid else None)


def verifier(secret: str | None = None) -> TokenVerifier:
    return TokenVerifier(ISSUER, KeyRing(Fetched(), HOSTED_KEYS_KEPT), secret)


async def test_a_good_token_says_who_how_and_how_surely() -> None:
    verified = await verifier().verify(signed(), NOW)
    assert (verified.email, verified.aal, verified.role) == ("alice@example.org", "aal2", "authenticated")
    assert verified.amr == (("totp", NOW),)
    assert verified.expires_at == NOW + timedelta(hours=1)


async def test_rs256_and_a_list_of_audiences_are_fine() -> None:
    await verifier().verify(signed(RSA_KEY, "rsa", "RS256", aud=["other", "authenticated"]), NOW)


@pytest.mark.parametrize(
    ("token", "refusal"),
    [
        ("", MalformedToken),
        ("a.b.c", MalformedToken),
        ("x" * 20_000, MalformedToken),
        (jwt.encode(claims(), None, algorithm="none"), AlgorithmRefused),
        (jwt.encode(claims(), SECRET, algorithm="HS256"), AlgorithmRefused),
        (jwt.encode(claims(), b"secret" * 6, algorithm="HS256", headers={"kid": "hmac"}), AlgorithmRefused),
        (signed(RSA_KEY, "ec", "RS256"), AlgorithmRefused),
        (signed(kid=None), UnknownSigningKey),
        (signed(kid="nobody's"), UnknownSigningKey),
        (signed(kid="broken"), UnknownSigningKey),
        (signed(OTHER_EC_KEY), BadSignature),
        (signed(exp=int(NOW.timestamp())), TokenExpired),
        (signed(exp=None), MalformedToken),
        (signed(nbf=int(NOW.timestamp()) + 60), TokenNotYetValid),
        (signed(iss="https://evil.example/auth/v1"), WrongIssuer),
        (signed(aud="somebody"), WrongAudience),
        (signed(aud=None), WrongAudience),
        (signed(role="anon"), WrongRole),
        (signed(role="service_role"), WrongRole),
        (signed(sub="alice"), BadSubject),
        (signed(sub=None), BadSubject),
    ],
)
async def test_each_wrong_token_is_refused_by_name(token: str, refusal: type[TokenRefused]) -> None:
    with pytest.raises(refusal) as refused:
        await verifier().verify(token, NOW)
    assert refused.value.status == 401


async def test_hs256_counts_only_where_a_secret_is_configured() -> None:
    assert await verifier(SECRET).verify(jwt.encode(claims(), SECRET, algorithm="HS256"), NOW)
    with pytest.raises(BadSignature):
        await verifier(SECRET).verify(jwt.encode(claims(), "another" * 8, algorithm="HS256"), NOW)


async def test_keys_are_kept_ten_minutes_and_no_longer() -> None:
    fetch = Fetched()
    ring = KeyRing(fetch, HOSTED_KEYS_KEPT)
    for minutes in (0, 5, 9):
        assert await ring.find("ec", NOW + timedelta(minutes=minutes))
    assert fetch.times == 1
    assert await ring.find("ec", NOW + HOSTED_KEYS_KEPT)
    assert fetch.times == 2


async def test_an_unknown_key_is_looked_for_at_once_but_not_on_every_request() -> None:
    fetch = Fetched(JWKS[:1])
    ring = KeyRing(fetch, HOSTED_KEYS_KEPT)
    assert await ring.find("ec", NOW)
    fetch.keys = JWKS
    later = NOW + LEAST_GAP
    assert await ring.find("rsa", later)
    for _ in range(100):
        assert await ring.find("invented", later) is None
    assert fetch.times == 2


@pytest.mark.parametrize(
    "answer", [httpx.Response(500), httpx.Response(200, text="<html>"), httpx.Response(200, json=[])]
)
async def test_a_project_that_does_not_answer_is_unavailable_not_unauthorized(answer: httpx.Response) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer)) as http:
        ring = KeyRing(hosted_keys(http, "https://project.supabase.co"), HOSTED_KEYS_KEPT)
        with pytest.raises(Unavailable):
            await ring.find("ec", NOW)
