"""POST /webhooks/alertmanager/{token}: 202 only when it is stored, a clear problem for everything else."""

import asyncio
import json
import logging
import random
import string
from collections.abc import Awaitable, Callable

import httpx
import pytest
from sqlalchemy import text

from backend.alert import integrations
from backend.deps import Deps
from backend.settings import Settings
from tests.alert.stage import team_of
from tests.fakes.alertmanager import alert, body, captured
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]


@pytest.fixture
async def token(deps: Deps) -> str:
    async with deps.db.transaction() as session:
        _, token = await integrations.create(
            session, await team_of(session), "alertmanager", "Alertmanager", deps.clock.now()
        )
    return token


async def post(api: httpx.AsyncClient, token: str, content: bytes) -> httpx.Response:
    return await api.post(
        f"/webhooks/alertmanager/{token}", content=content, headers={"content-type": "application/json"}
    )


async def one_row(deps: Deps, query: str) -> tuple[object, ...]:
    async with deps.db.transaction() as session:
        return tuple((await session.execute(text(query))).one())


async def test_the_answer_says_what_became_of_the_alerts(api: httpx.AsyncClient, token: str):
    first = await post(api, token, captured("containers_firing"))
    assert first.status_code == 202
    assert first.headers["content-type"] == "application/json"
    opened = first.json()["opened"]
    assert first.json() == {"received": 2, "opened": opened, "merged": [], "resolved": []}
    again = (await post(api, token, captured("containers_firing"))).json()
    assert again == {"received": 2, "opened": [], "merged": opened, "resolved": []}
    mixed = (await post(api, token, captured("containers_mixed"))).json()
    assert mixed == {"received": 2, "opened": [], "merged": [opened[1]], "resolved": [opened[0]]}


async def test_a_hundred_concurrent_posts_of_one_alert_make_one_incident_with_a_hundred_receipts(
    api: httpx.AsyncClient, token: str, deps: Deps
):
    answers = await asyncio.gather(*(post(api, token, body(alert("storm"))) for _ in range(100)))
    assert {answer.status_code for answer in answers} == {202}
    assert sum(len(answer.json()["opened"]) for answer in answers) == 1
    assert sum(len(answer.json()["merged"]) for answer in answers) == 99
    assert await one_row(deps, "select count(*), sum(receipts) from alerts") == (1, 100)
    assert await one_row(deps, "select count(*), sum(occurrences) from incidents") == (1, 100)
    assert await one_row(deps, "select count(*) from incident_events") == (1,)
    assert await one_row(deps, "select count(*) from jobs.procrastinate_jobs") == (1,)


async def test_firing_and_resolved_racing_each_other_never_leave_a_dangling_incident(
    api: httpx.AsyncClient, token: str, deps: Deps
):
    for number in range(10):
        name = f"race-{number}"
        posts = [body(alert(name)), body(alert(name, "resolved"))] * 5
        random.shuffle(posts)
        answers = await asyncio.gather(*(post(api, token, content) for content in posts))
        assert {answer.status_code for answer in answers} == {202}
        await post(api, token, body(alert(name, "resolved")))
    assert await one_row(deps, "select count(*), sum(receipts) from alerts where status = 'resolved'") == (10, 110)
    assert await one_row(deps, "select count(*) from incidents where status <> 'resolved' or firing") == (0,)


async def test_ten_thousand_alerts_in_one_body_are_all_stored(api: httpx.AsyncClient, token: str, deps: Deps):
    alerts = [alert(f"{i:05}", labels={"alertname": "Many", "container": f"c{i}"}) for i in range(10_000)]
    answer = await post(api, token, body(*alerts))
    assert answer.status_code == 202
    assert answer.json()["received"] == len(answer.json()["opened"]) == 10_000
    assert await one_row(deps, "select count(*), max(number) from incidents") == (10_000, 10_000)
    again = await post(api, token, body(*alerts, *alerts))
    assert again.json()["received"] == 20_000
    assert len(again.json()["merged"]) == 10_000


NOISE = "".join(random.Random(7).choices(string.ascii_letters + "äöü€", k=100_000))  # noqa: S311


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 400, "malformed_json"),
        (b"", 400, "malformed_json"),
        (b'{"alerts": [{"status": "firing", "labels": {"a": "\xff"}}]}', 400, "malformed_json"),
        (b'{"alerts": [{"status": "firing", "labels": {"a": "\\u0000"}}]}', 422, "invalid_alerts"),
        (b'{"alerts": "none"}', 422, "invalid_alerts"),
        (body(alert(labels=["a"])), 422, "invalid_alerts"),
        (body(alert(), alert(status="maybe")), 422, "invalid_alerts"),
        (body(version="5"), 422, "invalid_alerts"),
    ],
)
async def test_what_cannot_be_read_is_refused_whole_with_a_problem_document(
    api: httpx.AsyncClient, token: str, deps: Deps, content: bytes, status: int, code: str
):
    answer = await post(api, token, content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.json()["detail"]) > 20
    assert await one_row(deps, "select count(*) from alerts") == (0,)


@pytest.mark.parametrize(
    "odd",
    [
        alert(labels={"alertname": NOISE, "container": NOISE, "severity": NOISE, "namespace": NOISE}),
        alert(labels={NOISE[:5_000]: NOISE, "job": "postgres", "datname": NOISE, "server": NOISE}),
        alert(annotations={"summary": NOISE, "description": NOISE}),
        alert(startsAt="0001-01-01T00:00:00Z", endsAt=None),
        alert(startsAt="9999-12-31T23:59:59.999999999Z"),
        alert(status="resolved", endsAt="9999-12-31T23:59:59-12:00"),
        alert(fingerprint=NOISE, generatorURL=NOISE),
        alert(labels={"alertname": "\u202eevil\u0007\x1b[31m", "container": "''; drop table alerts; --"}),
        {**alert(labels={}, annotations={}), "fingerprint": None},
    ],
)
async def test_odd_but_readable_alerts_are_stored(
    api: httpx.AsyncClient, token: str, deps: Deps, odd: dict[str, object]
):
    answer = await post(api, token, body(odd))
    assert answer.status_code == 202, answer.text
    assert await one_row(deps, "select count(*) from alerts") == (1,)
    assert (await post(api, token, body(odd))).json()["received"] == 1
    assert await one_row(deps, "select count(*), sum(receipts) from alerts") == (1, 2)


async def test_five_megabytes_are_taken(api: httpx.AsyncClient, token: str):
    notes = {f"note_{i}": NOISE[:50_000] for i in range(100)}
    content = body(alert(annotations=notes))
    assert len(content) > 5_000_000
    assert (await post(api, token, content)).status_code == 202


class TestALimit:
    """Bodies larger than NIGHTDESK_WEBHOOK_MAX_BYTES."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"webhook_max_bytes": 20_000})

    async def test_a_body_over_the_limit_is_413(self, api: httpx.AsyncClient, token: str):
        answer = await post(api, token, body(alert(annotations={"a": "x" * 20_000})))
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert "20000 bytes" in answer.json()["detail"]

    async def test_one_without_a_declared_length_too(self, api: httpx.AsyncClient, token: str):
        async def endless():
            for _ in range(1_000):
                yield b" " * 1_000

        answer = await api.post(f"/webhooks/alertmanager/{token}", content=endless())
        assert answer.status_code == 413


@pytest.mark.parametrize("wrong", ["ndi_unknown", "x" * 5_000, "%00", "ndi_%F0%9F%94%A5"])
async def test_an_unknown_token_is_404_and_says_what_to_do(api: httpx.AsyncClient, wrong: str):
    answer = await post(api, wrong, body(alert()))
    assert answer.status_code == 404
    assert answer.json()["code"] in ("unknown_token", "not_found")


async def test_a_revoked_token_is_refused_from_the_next_request_on(api: httpx.AsyncClient, token: str, deps: Deps):
    assert (await post(api, token, body(alert()))).status_code == 202
    async with deps.db.transaction() as session:
        row = (await integrations.list_active(session, await team_of(session)))[0]
        await integrations.revoke(session, row.team_id, row.id, deps.clock.now())
    answers = await asyncio.gather(*(post(api, token, body(alert("new"))) for _ in range(3)))
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(404, "unknown_token")] * 3
    assert await one_row(deps, "select count(*) from alerts") == (1,)


async def test_no_token_is_ever_logged(
    api: httpx.AsyncClient, token: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
):
    caplog.set_level(logging.DEBUG, logger="backend")
    # The client of this test says where it sends, when another test has left the root logger talkative.
    caplog.set_level(logging.WARNING, logger="httpx")
    await post(api, token, body(alert()))
    await post(api, token, b"{")
    await post(api, token[:-1], body(alert()))
    out = capsys.readouterr()
    assert token[:-1] not in caplog.text + out.out + out.err


async def test_the_alerts_of_an_incident_newest_first_page_by_page(api: httpx.AsyncClient, token: str, sign_in: SignIn):
    headers = (await sign_in()).headers
    starts = [f"2026-01-0{day}T00:00:00Z" for day in range(1, 6)]
    sent = await post(api, token, body(*(alert(startsAt=at) for at in starts)))
    path = f"/api/incidents/{sent.json()['opened'][0]}/alerts"
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await api.get(path, params={"limit": 2, **cursor}, headers=headers)).json()
        seen += [item["starts_at"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == sorted(starts, reverse=True)
    one = (await api.get(path, headers=headers)).json()["items"][0]
    assert (one["name"], one["status"], one["receipts"], one["source"]) == (
        "ContainerDown",
        "firing",
        1,
        "alertmanager",
    )
    assert (await api.get(path, params={"cursor": "bogus"}, headers=headers)).json()["code"] == "bad_cursor"


async def test_alerts_of_another_team_are_not_there(api: httpx.AsyncClient, token: str, sign_in: SignIn):
    sent = await post(api, token, body(alert()))
    charlie = await sign_in("charlie@example.org", "owner", "other")
    answer = await api.get(f"/api/incidents/{sent.json()['opened'][0]}/alerts", headers=charlie.headers)
    assert answer.status_code == 404


class TestIntegrations:
    """/api/integrations."""

    async def test_the_token_is_shown_once_and_works(self, api: httpx.AsyncClient, sign_in: SignIn, deps: Deps):
        headers = (await sign_in()).headers
        made = (
            await api.post("/api/integrations", json={"kind": "alertmanager", "name": "prod"}, headers=headers)
        ).json()
        assert made["token"].startswith("ndi_")
        assert made["url"] == f"http://nightdesk.test/webhooks/alertmanager/{made['token']}"
        assert (await api.post(made["url"], content=body(alert()))).status_code == 202
        listed = (await api.get("/api/integrations", headers=headers)).json()
        assert made["token"] not in json.dumps(listed)
        assert listed["items"][0]["token_prefix"] == made["token"][:10]
        assert listed["items"][0]["last_used_at"] is not None
        stored = await one_row(deps, "select token_hash, token_prefix, name from integrations")
        assert made["token"].encode() not in bytes(stored[0])  # pyright: ignore[reportArgumentType]

    async def test_revoking_takes_it_off_the_list(self, api: httpx.AsyncClient, sign_in: SignIn):
        headers = (await sign_in()).headers
        made = (
            await api.post("/api/integrations", json={"kind": "alertmanager", "name": "prod"}, headers=headers)
        ).json()
        assert (await api.delete(f"/api/integrations/{made['id']}", headers=headers)).status_code == 204
        assert (await api.get("/api/integrations", headers=headers)).json()["items"] == []
        assert (await api.delete(f"/api/integrations/{made['id']}", headers=headers)).status_code == 404

    async def test_only_admins_make_them_and_no_team_sees_anothers(self, api: httpx.AsyncClient, sign_in: SignIn):
        new = {"kind": "alertmanager", "name": "prod"}
        bob = (await sign_in("bob@example.org", "responder")).headers
        assert (await api.post("/api/integrations", json=new, headers=bob)).status_code == 403
        alice, charlie = await sign_in("alice@example.org"), await sign_in("charlie@example.org", "owner", "other")
        made = (await api.post("/api/integrations", json=new, headers=alice.headers)).json()
        assert (await api.get("/api/integrations", headers=charlie.headers)).json()["items"] == []
        deleted = await api.delete(f"/api/integrations/{made['id']}", headers=charlie.headers)
        assert deleted.status_code == 404

    @pytest.mark.parametrize("new", [{"kind": "carrier-pigeon", "name": "x"}, {"kind": "alertmanager", "name": ""}, {}])
    async def test_what_cannot_be_made(self, api: httpx.AsyncClient, sign_in: SignIn, new: dict[str, str]):
        headers = (await sign_in()).headers
        assert (await api.post("/api/integrations", json=new, headers=headers)).status_code == 422
