"""The profile: what it takes and what it refuses."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]


async def test_read_and_changed(api: httpx.AsyncClient, sign_in: SignIn):
    alice = await sign_in("alice@example.org", "viewer")
    profile = (await api.get("/api/me/profile", headers=alice.headers)).json()
    assert (profile["name"], profile["time_zone"], profile["locale"]) == ("", "UTC", "en")
    picture = {"avatar_url": "data:image/png;base64,iVBORw0KGgo="}
    body = {
        **picture,
        "name": " Alice ",
        "time_zone": "Europe/Amsterdam",
        "locale": "nl-NL",
        "preferences": {"theme": "dark"},
    }
    changed = (await api.patch("/api/me/profile", json=body, headers=alice.headers)).json()
    assert changed == {**profile, **body, "name": "Alice"}
    assert (await api.patch("/api/me/profile", json={}, headers=alice.headers)).json() == changed
    assert (await api.get("/api/me", headers=alice.headers)).json()["user"]["name"] == "Alice"


@pytest.mark.parametrize(
    "body",
    [
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"locale": "<b>"},
        {"name": "x" * 201},
        {"avatar_url": "javascript:alert(1)"},
        {"avatar_url": "https://example.org/a.png"},
        {"avatar_url": "data:image/svg+xml;base64,PHN2Zy8+"},
        {"avatar_url": "data:image/png;base64,<script>"},
        {"avatar_url": "data:image/png;base64," + "A" * 70_000},
        {"preferences": {"a": "x" * 20_000}},
        {"is_platform_admin": True},
    ],
)
async def test_refused(api: httpx.AsyncClient, sign_in: SignIn, body: dict[str, Any]):
    alice = await sign_in("alice@example.org", "viewer")
    assert (await api.patch("/api/me/profile", json=body, headers=alice.headers)).status_code == 422
