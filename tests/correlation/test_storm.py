"""A storm stays readable: what is alike stands together with its number, and the page is told that one is running."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from backend.alert import service
from backend.correlation.rules import is_storm
from backend.deps import Deps
from tests.alert.stage import batch, firing, sender_of
from tests.support.clock import MovableClock
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]


@pytest.mark.parametrize(
    ("incidents", "alerts", "storm"), [(0, 0, False), (19, 99, False), (20, 20, True), (1, 100, True)]
)
def test_more_than_somebody_can_read_is_a_storm(incidents: int, alerts: int, storm: bool):
    assert is_storm(incidents, alerts) is storm


def down(name: str, severity: str = "critical") -> dict[str, Any]:
    labels = {"alertname": "Down", "container": name, "severity": severity}
    return firing(name, labels=labels, annotations={"summary": f"{name} is down"})


async def test_what_is_alike_is_one_row(api: httpx.AsyncClient, deps: Deps, sign_in: SignIn, clock: MovableClock):
    rita = await sign_in("rita@example.org", "responder")

    async def get(path: str, **params: Any) -> Any:
        answer = await api.get(f"/api/{path}", params=params, headers=rita.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def rows(**params: Any) -> list[tuple[str, str, int]]:
        items = (await get("incidents", **params))["items"]
        return [(item["title"], item["severity"], item["alike"]) for item in items]

    assert (await get("storm"))["running"] is False
    full = firing("f", labels={"alertname": "Full", "container": "db"}, annotations={"summary": "The disk is full"})
    few = [down(f"blog-{n}", "low") for n in range(4)]
    async with deps.db.transaction() as session:
        slug = (await session.execute(text("select slug from teams order by created_at limit 1"))).scalar_one()
        sender, now = await sender_of(session, slug), clock.now()
        await service.receive(session, sender, batch(full, *few, *(down(f"shop-{n}") for n in range(30)), now=now), now)
    folded = await rows(collapsed=True)
    assert sorted((title, alike) for title, severity, alike in folded if severity == "medium") == [
        ("The disk is full", 1)
    ]
    ((_, _, alike),) = [row for row in folded if row[1] == "critical"]
    assert alike == 30
    assert [alike for _, severity, alike in folded if severity == "low"] == [1] * 4, "few are read one by one"
    (newest,) = [item for item in (await get("incidents", collapsed=True))["items"] if item["alike"] == 30]
    page = await get("incidents", like=newest["id"], limit=20)
    rest = await get("incidents", like=newest["id"], limit=20, cursor=page["next_cursor"])
    assert (len(page["items"]), len(rest["items"]), rest["next_cursor"]) == (20, 10, None)
    assert {item["severity"] for item in page["items"] + rest["items"]} == {"critical"}
    numbers = [item["number"] for item in page["items"] + rest["items"]]
    assert numbers == sorted(numbers, reverse=True), "all of one moment: the highest number is the newest"
    assert newest["number"] == numbers[0]
    first = await get("incidents", collapsed=True, limit=3)
    second = await get("incidents", collapsed=True, limit=3, cursor=first["next_cursor"])
    assert len({item["id"] for item in first["items"] + second["items"]}) == 6
    assert len(await rows(limit=200)) == 35

    storm = await get("storm")
    assert (storm["running"], storm["incidents"], storm["alerts"]) == (True, 35, 35)
    clock.advance(minutes=storm["minutes"] + 1)
    assert await get("storm") == {"running": False, "minutes": 10, "incidents": 0, "alerts": 0}
    (alert,) = (await get(f"incidents/{newest['id']}/alerts"))["items"]
    assert alert["target"] == newest["target"]
