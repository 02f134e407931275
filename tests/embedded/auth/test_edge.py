"""What no client library does: replayed tokens, forged tokens, broken bodies, missing keys."""

import base64
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.embedded.conftest import PASSWORD, Edge, Person

VERSION = {"x-supabase-api-version": "2024-01-01"}


def call(edge: Edge, method: str, path: str, *, token: str | None = None, **options: Any) -> httpx.Response:
    headers = {"apikey": edge.key, **VERSION, **options.pop("headers", {})}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    return httpx.request(method, f"{edge.url}/auth/v1{path}", headers=headers, **options)


def sign_in(edge: Edge, person: Person) -> dict[str, Any]:
    body = {"email": person.email, "password": PASSWORD}
    return call(edge, "POST", "/token?grant_type=password", json=body).raise_for_status().json()


def refresh(edge: Edge, token: str) -> httpx.Response:
    return call(edge, "POST", "/token?grant_type=refresh_token", json={"refresh_token": token})


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def segment(content: dict[str, str]) -> str:
    return encoded(json.dumps(content).encode())


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code")


def test_a_replayed_refresh_token_ends_the_session_for_everybody(edge: Edge) -> None:
    alice = edge.person("alice@example.org")
    first = sign_in(edge, alice)
    second = refresh(edge, first["refresh_token"]).json()
    third = refresh(edge, second["refresh_token"]).json()
    edge.sql(
        "update auth.refresh_tokens set updated_at = now() - interval '1 minute' where user_id = %s", str(alice.id)
    )
    assert refused(refresh(edge, first["refresh_token"])) == (400, "refresh_token_already_used")
    assert refresh(edge, third["refresh_token"]).status_code == 400
    assert refused(call(edge, "GET", "/user", token=third["access_token"])) == (403, "session_not_found")


def test_a_refresh_whose_answer_was_lost_can_be_repeated(edge: Edge) -> None:
    bob = edge.person("bob@example.org")
    first = sign_in(edge, bob)["refresh_token"]
    lost = refresh(edge, first).json()["refresh_token"]
    edge.sql("update auth.refresh_tokens set updated_at = now() - interval '1 hour' where user_id = %s", str(bob.id))
    assert refresh(edge, first).json()["refresh_token"] == lost


def test_tabs_that_refresh_at_once_get_the_same_token(edge: Edge) -> None:
    token = sign_in(edge, edge.person("carol@example.org"))["refresh_token"]
    with ThreadPoolExecutor(8) as tabs:
        answers = list(tabs.map(lambda _: refresh(edge, token), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1


def test_no_token_is_stored_that_could_be_used(edge: Edge) -> None:
    session = sign_in(edge, edge.person("dave@example.org"))
    assert edge.sql("select 1 from auth.refresh_tokens where token = %s", session["refresh_token"]) == []
    assert edge.sql("select 1 from auth.users where encrypted_password = %s", PASSWORD) == []


def test_a_token_signed_by_another_key_or_none_is_refused(edge: Edge) -> None:
    real = sign_in(edge, edge.person("erin@example.org"))["access_token"]
    header, payload, signature = real.split(".")
    kid = jwt.get_unverified_header(real)["kid"]
    public = jwt.PyJWK(call(edge, "GET", "/.well-known/jwks.json").json()["keys"][0])
    pem = public.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    symmetric = f"{segment({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{payload}"
    forged = [
        f"{segment({'alg': 'none', 'typ': 'JWT'})}.{payload}.",
        f"{header}.{payload}.{'A' * len(signature)}",
        f"{symmetric}.{encoded(hmac.digest(pem, symmetric.encode(), 'sha256'))}",
        "not.a.token",
        "x" * 20_000,
        edge.key,
    ]
    for token in forged:
        assert refused(call(edge, "GET", "/user", token=token)) == (403, "bad_jwt"), token[:40]


def test_without_a_token_nobody_is_anybody(edge: Edge) -> None:
    assert refused(call(edge, "GET", "/user")) == (401, "no_authorization")
    assert refused(call(edge, "POST", "/logout")) == (401, "no_authorization")


def test_the_api_key_is_needed_but_for_the_published_keys(edge: Edge) -> None:
    for key in ({}, {"apikey": "sb_publishable_wrong"}, {"apikey": "schlüssel".encode()}):
        answer = httpx.get(f"{edge.url}/auth/v1/settings", headers=key)  # type: ignore[arg-type]
        assert answer.status_code == 401, key
        assert "message" in answer.json()
    keys = httpx.get(f"{edge.url}/auth/v1/.well-known/jwks.json").json()["keys"]
    assert {(key["alg"], key["crv"], "d" in key) for key in keys} == {("ES256", "P-256", False)}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "bad_json"),
        (b"[]", "validation_failed"),
        (b"{}", "validation_failed"),
        (b'{"email": 1, "password": 2}', "validation_failed"),
        (b'{"email": "a@b", "password": ""}', "validation_failed"),
        (b'{"email": "a\\u0000@b", "password": "x"}', "invalid_credentials"),
        (b'{"email": "\\ud800@b", "password": "\\ud800"}', "validation_failed"),
        ('{"email": "аdmin@example.org", "password": "x"}'.encode(), "invalid_credentials"),
        (b'{"email": "%s", "password": "x"}' % (b"a" * 1001), "validation_failed"),
    ],
)
def test_bad_input_is_refused_by_name(edge: Edge, content: bytes, code: str) -> None:
    headers = {"content-type": "application/json;charset=UTF-8"}
    answer = call(edge, "POST", "/token?grant_type=password", content=content, headers=headers)
    assert refused(answer) == (400, code)


def test_broken_characters_in_metadata_are_refused(edge: Edge) -> None:
    token = sign_in(edge, edge.person("frank@example.org"))["access_token"]
    for content in (b'{"data": {"name": "\\u0000"}}', b'{"data": {"name": "\\ud800"}}'):
        answer = call(edge, "PUT", "/user", token=token, content=content, headers={"content-type": "application/json"})
        assert refused(answer) == (400, "validation_failed")


def test_older_clients_get_the_older_error_body(edge: Edge) -> None:
    answer = httpx.post(
        f"{edge.url}/auth/v1/token?grant_type=password",
        headers={"apikey": edge.key},
        json={"email": "nobody@example.org", "password": "x"},
    )
    assert answer.json() == {"code": 400, "error_code": "invalid_credentials", "msg": "Invalid login credentials"}
    assert "x-supabase-api-version" not in answer.headers


def test_other_origins_may_ask(edge: Edge) -> None:
    asked = {"origin": "http://localhost:5173", "access-control-request-method": "POST"}
    preflight = httpx.options(f"{edge.url}/auth/v1/token", headers=asked)
    assert preflight.status_code == 204
    assert "x-supabase-api-version" in preflight.headers["access-control-allow-headers"]
    answer = call(edge, "GET", "/user")
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_banned_user_is_kept_out_and_put_out(edge: Edge) -> None:
    grace = edge.person("grace@example.org")
    session = sign_in(edge, grace)
    edge.sql("update auth.users set banned_until = now() + interval '1 day' where id = %s", grace.id)
    body = {"email": grace.email, "password": PASSWORD}
    assert refused(call(edge, "POST", "/token?grant_type=password", json=body)) == (400, "user_banned")
    assert refused(refresh(edge, session["refresh_token"])) == (400, "user_banned")
