"""What a change of a hook was, as the audit log tells it: both sides, and no secret."""

from collections.abc import Awaitable, Callable

import httpx

from tests.support.people import SignedIn

HOOK = {"name": "restart", "url": "http://127.0.0.1:9/restart", "headers": {"Authorization": "Bearer very-secret"}}


async def test_a_changed_hook_is_told_with_what_it_was(
    api: httpx.AsyncClient, sign_in: Callable[..., Awaitable[SignedIn]]
):
    olivia = await sign_in()
    made = (await api.post("/api/runbook-hooks", json=HOOK, headers=olivia.headers)).json()
    change = {"url": "http://127.0.0.1:9/other", "risk": made["risk"], "headers": {"Authorization": "Bearer other"}}
    changed = await api.patch(f"/api/runbook-hooks/{made['id']}", json=change, headers=olivia.headers)
    assert changed.status_code == 200
    log = await api.get("/api/audit?action=hook.update", headers=olivia.headers)
    (line,) = log.json()["items"]
    assert (line["before"], line["after"]) == ({"url": HOOK["url"]}, {"url": change["url"]})
    assert "secret" not in log.text
