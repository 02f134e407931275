"""Behind a gateway, keys are fetched where these processes reach Supabase; tokens still name the public issuer."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from backend.db import open_database
from backend.settings import load_settings
from backend.tokens import WrongIssuer, open_verifier

PUBLIC, INSIDE = "https://nightdesk.example.org", "http://gateway:8700"
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_without_an_inner_address_the_public_one_serves_both() -> None:
    assert load_settings(supabase_url=PUBLIC).supabase_inside == PUBLIC
    assert load_settings(supabase_url=PUBLIC, supabase_internal_url=INSIDE).supabase_inside == INSIDE
    assert load_settings(supabase_internal_url=INSIDE).supabase_inside is None


async def test_keys_come_from_inside_and_the_issuer_is_the_public_one() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    public = json.loads(ECAlgorithm.to_jwk(private.public_key())) | {"kid": "k1", "alg": "ES256"}
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json={"keys": [public]})

    def token(issuer: str) -> str:
        claims = {"iss": f"{issuer}/auth/v1", "aud": "authenticated", "role": "authenticated", "sub": str(uuid4())}
        return jwt.encode({**claims, "exp": NOW.timestamp() + 60}, private, algorithm="ES256", headers={"kid": "k1"})

    settings = load_settings(supabase_url=PUBLIC, supabase_internal_url=INSIDE)
    database = open_database("postgresql://nobody@127.0.0.1:1/none", pool_size=2, application_name="test")
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        verifier = open_verifier(settings, database, http)
        assert (await verifier.verify(token(PUBLIC), NOW)).role == "authenticated"
        with pytest.raises(WrongIssuer):
            await verifier.verify(token(INSIDE), NOW)
    await database.engine.dispose()
    assert asked == [f"{INSIDE}/auth/v1/.well-known/jwks.json"]
