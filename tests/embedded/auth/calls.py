"""Plain calls of the edge, for what no client library would do."""

import hashlib
import re
import secrets
import time
from typing import Any

import httpx

from tests.embedded.conftest import PASSWORD, Edge

VERSION = {"x-supabase-api-version": "2024-01-01"}


def call(edge: Edge, method: str, path: str, *, token: str | None = None, **options: Any) -> httpx.Response:
    headers = {"apikey": edge.key, **VERSION, **options.pop("headers", {})}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    return httpx.request(method, f"{edge.url}/auth/v1{path}", headers=headers, **options)


def sign_in(edge: Edge, email: str, password: str = PASSWORD) -> dict[str, Any]:
    body = {"email": email, "password": password}
    return call(edge, "POST", "/token?grant_type=password", json=body).raise_for_status().json()


def refresh(edge: Edge, token: str) -> httpx.Response:
    return call(edge, "POST", "/token?grant_type=refresh_token", json={"refresh_token": token})


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code")


def letters(edge: Edge, to: str) -> list[tuple[str, str]]:
    """The letters to an address, oldest first: (template, body)."""
    if edge.sql("select to_regclass('public.letters')") == [(None,)]:
        return []
    return [
        (row[0], row[1]) for row in edge.sql("select template, body from letters where recipient = %s order by id", to)
    ]


def code_for(edge: Edge, to: str, template: str) -> str:
    """The newest code that was sent there. Waits for it: letters are written after the answer."""
    deadline = time.monotonic() + 5
    while True:
        bodies = [body for name, body in letters(edge, to) if name == template]
        if bodies:
            break
        assert time.monotonic() < deadline, f"no {template} to {to}"
        time.sleep(0.02)
    found = re.search(r"^ {4}(\d{8})$", bodies[-1], re.MULTILINE)
    assert found, bodies[-1]
    return found[1]


def wait_for_letters(edge: Edge, to: str, count: int) -> None:
    """Waits until exactly so many letters have been written."""
    deadline = time.monotonic() + 5
    while len(letters(edge, to)) < count:
        assert time.monotonic() < deadline, letters(edge, to)
        time.sleep(0.02)
    assert len(letters(edge, to)) == count


def a_minute_later(edge: Edge, to: str) -> None:
    """Lets another code be sent."""
    edge.sql("update auth.email_codes set created_at = created_at - interval '61 s' where email = %s", to)


def secret_key(edge: Edge) -> str:
    """A fresh secret key, as `nightdesk keys secret` makes it."""
    key = f"sb_secret_{secrets.token_hex(16)}"
    edge.sql(
        "insert into auth.edge_secrets (name, value, created_at) values ('secret_key_sha256', %s, now())"
        " on conflict (name) do update set value = excluded.value",
        hashlib.sha256(key.encode()).hexdigest(),
    )
    return key


def administer(edge: Edge, key: str, method: str, path: str, **options: Any) -> httpx.Response:
    return call(edge, method, path, token=key, headers={"apikey": key, **options.pop("headers", {})}, **options)
