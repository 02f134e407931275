"""Plain calls of the edge, for what no client library would do."""

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
