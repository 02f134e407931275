"""A hundred at once: one alert opens one incident, one proposal is executed once, everybody learns what was decided."""

import asyncio
from collections import Counter

import httpx

from tests.stories.outside import Outside
from tests.stories.product import Instance, Watcher
from tests.stories.town import firing, house

CROWD = 100


def crowd(**options: object) -> httpx.AsyncClient:
    """A client with a connection for each."""
    limits = httpx.Limits(max_connections=CROWD, max_keepalive_connections=CROWD)
    return httpx.AsyncClient(limits=limits, timeout=60, trust_env=False, **options)  # type: ignore[arg-type]


async def test_a_hundred_posts_of_one_alert_are_one_incident(running: Instance, olivia: Watcher):
    address = await asyncio.to_thread(running.webhook)
    async with crowd() as http:
        answers = await asyncio.gather(*(http.post(address, json=firing("stampede")) for _ in range(CROWD)))

    assert Counter(answer.status_code for answer in answers) == {202: CROWD}
    bodies = [answer.json() for answer in answers]
    assert sum(body["received"] for body in bodies) == CROWD
    (opened,) = {incident for body in bodies for incident in body["opened"]}
    assert sum(len(body["opened"]) for body in bodies) == 1
    (incident,) = await olivia.client.items("/api/incidents", target="stampede")
    assert incident["id"] == opened
    (alert,) = await olivia.client.items(f"/api/incidents/{opened}/alerts")
    assert alert["receipts"] == CROWD


async def test_a_hundred_approvals_are_one_execution(running: Instance, olivia: Watcher, world: Outside):
    shop = await house("stampeded-shop", olivia, world)
    await shop.breaks()
    await shop.becomes("awaiting_approval")
    (action,) = await shop.actions()
    path, body = f"/api/actions/{action['id']}/approve", {"digest": action["digest"]}
    authorization = {"Authorization": f"Bearer {olivia.client.token}"}
    async with crowd(base_url=running.url, headers=authorization) as http:
        answers = await asyncio.gather(*(http.post(path, json=body) for _ in range(CROWD)))

    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: CROWD - 1}
    refusals = [answer.json() for answer in answers if answer.status_code == 409]
    assert {refusal["code"] for refusal in refusals} == {"already_decided"}
    assert {refusal["decision"]["who"] for refusal in refusals} == {"olivia@example.org"}
    await shop.becomes("resolved")
    assert world.services.calls.count(shop.name) == 1
    verbs = await shop.verbs()
    assert (verbs["execute"], verbs["start"], verbs["verify"]) == (1, 1, 1)
