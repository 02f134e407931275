"""Changes over HTTP: registered once by a pipeline's key, listed, kept apart by team, and told to the agent."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from agent_graph.worker import investigate
from backend.change import rules
from backend.deps import Deps
from tests.agent_graph import stage
from tests.support.clock import MovableClock
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]
NEW: dict[str, Any] = {
    "kind": "deploy",
    "target": "checkout",
    "summary": "checkout 2.4.1",
    "ref": "4f2c1a9",
    "url": "https://ci.example.org/runs/77",
    "key": "run-77",
}


@pytest.fixture
async def robot(api: httpx.AsyncClient, sign_in: SignIn) -> dict[str, str]:
    """The headers of a pipeline: a key that may only register changes."""
    olivia = await sign_in()
    made = await api.post(
        "/api/api-keys", json={"name": "ci", "scopes": ["change.write", "change.read"]}, headers=olivia.headers
    )
    return {"X-API-Key": made.json()["key"]}


async def post(api: httpx.AsyncClient, who: dict[str, str], **changes: Any) -> httpx.Response:
    body = {name: value for name, value in {**NEW, **changes}.items() if value is not None}
    return await api.post("/api/changes", json=body, headers=who)


async def test_a_repeated_post_is_one_change(api: httpx.AsyncClient, robot: dict[str, str], clock: MovableClock):
    first = await post(api, robot)
    assert first.status_code == 201, first.text
    assert first.json()["registered_by"] == "API key ci"
    clock.advance(minutes=3)
    again = await post(api, robot)
    assert (again.status_code, again.json()) == (200, first.json())
    other = await post(api, robot, summary="checkout 2.4.2")
    assert (other.status_code, other.json()["code"]) == (409, "change_key_reused")
    assert (await post(api, robot, key=None)).json()["id"] != (await post(api, robot, key=None)).json()["id"]
    listed = (await api.get("/api/changes", headers=robot)).json()["items"]
    assert len(listed) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "sabotage"},
        {"target": " "},
        {"summary": "x" * 1001},
        {"url": "javascript:alert(1)"},
        {"at": "2099-01-01T00:00:00Z"},
        {"at": "2001-01-01T00:00:00Z"},
        {"at": "2026-11-21T03:00:00"},
        {"team": "beta"},
    ],
)
async def test_what_makes_no_sense_is_refused(api: httpx.AsyncClient, robot: dict[str, str], wrong: dict[str, Any]):
    answer = await post(api, robot, **wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_secrets_and_control_characters_of_a_commit_message_are_not_kept(
    api: httpx.AsyncClient, robot: dict[str, str]
):
    told = "deploy\u202e \x1b[31mred\x1b[0m\nwith password=hunter2hunter2"
    made = (await post(api, robot, summary=told, url="https://x.test/?token=abcdef0123456789abcdef")).json()
    assert made["summary"] == "deploy red with password=[redacted]"
    assert "abcdef0123456789" not in made["url"]


async def test_they_are_listed_page_by_page_for_a_target_and_a_time(
    api: httpx.AsyncClient, robot: dict[str, str], clock: MovableClock
):
    for number in range(5):
        await post(api, robot, key=f"k{number}", target="shop" if number % 2 else "cart", summary=f"release {number}")
        clock.advance(minutes=1)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await api.get("/api/changes", params=params, headers=robot)).json()
        seen += [item["summary"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"release {number}" for number in (4, 3, 2, 1, 0)]
    shop = await api.get("/api/changes", params={"target": "shop"}, headers=robot)
    assert [item["summary"] for item in shop.json()["items"]] == ["release 3", "release 1"]
    since = (clock.now() - rules.AHEAD / 2.4).isoformat()
    assert len((await api.get("/api/changes", params={"since": since}, headers=robot)).json()["items"]) == 2


async def test_another_team_sees_and_shares_nothing(api: httpx.AsyncClient, robot: dict[str, str], sign_in: SignIn):
    await post(api, robot)
    mallory = await sign_in("mallory@example.org", "owner", "beta")
    assert (await api.get("/api/changes", headers=mallory.headers)).json()["items"] == []
    assert (await post(api, mallory.headers, summary="theirs")).status_code == 201


async def test_a_deploy_just_before_the_trouble_is_evidence_with_its_words(
    api: httpx.AsyncClient, robot: dict[str, str], deps: Deps, clock: MovableClock
):
    began = clock.now()
    await post(api, robot, at=(began.replace(microsecond=0)).isoformat())
    await post(api, robot, key="other", kind="config", target="somebody-else", summary="elsewhere")
    clock.advance(minutes=10)
    async with stage.agent(deps, docker_host="unix:///nowhere") as (own, parts):
        about = {"container_runtime": None, "source_type": "monitor", "started_at": began}
        incident_id = await stage.open_incident(own, "checkout", **about)
        await investigate(own, incident_id=str(incident_id), parts=parts)
        (found,) = await stage.rows(own, "select content, data from evidence where source = 'changes'")
    assert "deploy checkout: checkout 2.4.1 (4f2c1a9, by API key ci, https://ci.example.org/runs/77)" in found.content
    assert "config somebody-else: elsewhere" in found.content
    assert [(s["category"], s["weight"]) for s in found.data["signs"]] == [("bad_deploy", "strong")]
