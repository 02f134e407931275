"""Calling a hook, with a real server at the other end: what counts as done, failed, unknown; and what is kept."""

import socket
import time
import uuid
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from actions.kinds import NotPossible, Order
from actions.runners import hook as hook_runner
from actions.runners.hook import CallHook
from backend.action.kinds import CallHookParams, Result
from backend.runbook.kinds import HookDefinition
from tests.actions.hook_server import Answer, drips, floods, hangs, hook_server, says, sends

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SECRET = "hook-secret-abcdef"
SCHEMA = {"type": "object", "properties": {"reason": {"type": "string"}}, "additionalProperties": False}


@pytest.fixture
async def http() -> AsyncGenerator[httpx.AsyncClient]:
    async with hook_runner.open_client() as client:
        yield client


def order(url: str = "http://127.0.0.1:9/", **changes: Any) -> Order:
    hook = HookDefinition(
        id=uuid.UUID(int=7),
        name="restart-orders",
        description="Restarts the orders service.",
        url=url,
        method="POST",
        headers={"Authorization": f"Bearer {SECRET}"},
        params_schema=SCHEMA,
        risk="medium",
        idempotent=False,
        inverse="",
        timeout_seconds=0.5,
        settle_seconds=1,
    )
    return Order(
        action_id=uuid.UUID(int=1),
        incident_id=uuid.UUID(int=2),
        kind="runbook.call_hook",
        title="Call runbook hook restart-orders",
        params=CallHookParams(hook="restart-orders", arguments={"reason": "it crashed"}),
        target="orders",
        status="executing",
        target_state={},
        hook=replace(hook, **changes),
    )


async def call(http: httpx.AsyncClient, answer: Answer) -> tuple[Result, int]:
    """The result, and how often the hook was called."""
    async with hook_server(answer) as server:
        result = await CallHook(http).run(order(server.url))
        return result, len(server.requests)


ANSWERS: list[tuple[str, Answer, str, str]] = [
    ("done", says(200, b"restarted"), "succeeded", "HTTP 200: restarted"),
    ("accepted", says(202), "succeeded", "HTTP 202"),
    ("error", says(500, b"boom"), "failed", "HTTP 500: boom"),
    ("refused", says(403), "failed", "HTTP 403"),
    ("redirect", says(302, location="http://127.0.0.1:1/"), "failed", "redirect"),
    ("permanent redirect", says(308, location="/other"), "failed", "redirect"),
    ("no answer", hangs, "unknown", "did not answer within 0.5 seconds"),
    ("garbage", sends(b"\x00\xff\xfe garbage\r\n\r\n"), "unknown", "no proper answer"),
    ("nothing", sends(b""), "unknown", "no proper answer"),
    ("half a header", sends(b"HTTP/1.1 200 OK\r\nContent-Le"), "unknown", "no proper answer"),
    ("broken off", sends(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf"), "succeeded", "HTTP 200: half"),
    ("flood", floods, "succeeded", "HTTP 200: xxx"),
]


@pytest.mark.parametrize(("name", "answer", "outcome", "says_"), ANSWERS, ids=[a[0] for a in ANSWERS])
async def test_what_an_answer_means(http: httpx.AsyncClient, name: str, answer: Answer, outcome: str, says_: str):
    started = time.perf_counter()
    result, calls = await call(http, answer)
    assert (result.outcome, calls) == (outcome, 1)
    said = result.result if outcome == "succeeded" else result.error
    assert said is not None
    assert says_ in said
    assert len(said) < 2000
    assert time.perf_counter() - started < 3


async def test_a_dripping_answer_is_cut_short(http: httpx.AsyncClient):
    started = time.perf_counter()
    async with hook_server(drips) as server:
        result = await CallHook(http, body_seconds=0.3).run(order(server.url))
    assert (result.outcome, time.perf_counter() - started < 2) == ("succeeded", True)


async def test_a_hook_that_is_not_there_was_not_called(http: httpx.AsyncClient):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        result = await CallHook(http).run(order(f"http://127.0.0.1:{taken.getsockname()[1]}/"))
    assert result.outcome == "failed"
    assert "Nothing was called" in (result.error or "")


async def test_the_hook_is_told_what_it_needs_and_can_tell_a_repetition(http: httpx.AsyncClient):
    async with hook_server(says(200, set_cookie="session=1; Path=/")) as server:
        runner = CallHook(http)
        await runner.run(order(server.url))
        await runner.run(order(server.url, method="PUT"))
        first, second = server.requests
    assert first.line == "POST /hooks/restart HTTP/1.1"
    assert first.headers["idempotency-key"] == str(uuid.UUID(int=1)) == second.headers["idempotency-key"]
    assert first.headers["authorization"] == f"Bearer {SECRET}"
    assert first.headers["content-type"] == "application/json"
    assert first.body == {
        "hook": "restart-orders",
        "action_id": str(uuid.UUID(int=1)),
        "incident_id": str(uuid.UUID(int=2)),
        "target": "orders",
        "arguments": {"reason": "it crashed"},
    }
    assert second.line.startswith("PUT ")
    assert "cookie" not in second.headers


async def test_a_secret_that_is_echoed_is_not_kept(http: httpx.AsyncClient):
    result, _ = await call(http, says(401, f"bad token: {SECRET}, Bearer {SECRET}".encode()))
    assert SECRET not in str(result)


async def test_the_preview_shows_what_will_be_sent_without_secrets(http: httpx.AsyncClient):
    preview = await CallHook(http).preview(order("http://hooks.example.org/restart"), NOW)
    assert preview.command == 'POST http://hooks.example.org/restart with arguments {"reason": "it crashed"}'
    assert any("not encrypted" in warning for warning in preview.warnings)
    assert SECRET not in preview.model_dump_json()


async def test_a_hook_that_is_gone_or_asks_for_something_else_is_not_proposed(http: httpx.AsyncClient):
    with pytest.raises(NotPossible):
        await CallHook(http).preview(replace(order(), hook=None), NOW)
    with pytest.raises(NotPossible):
        await CallHook(http).preview(order(params_schema={"type": "object", "required": ["other"]}), NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://127.0.0.1:10/"},
        {"headers": {"Authorization": "Bearer other"}},
        {"method": "PUT"},
        {"params_schema": {"type": "object"}},
        {"idempotent": True},
        {"timeout_seconds": 1.0},
    ],
)
async def test_any_change_of_the_hook_is_a_change_of_the_target(http: httpx.AsyncClient, change: dict[str, Any]):
    runner = CallHook(http)
    assert await runner.target_state(order(), NOW) == await runner.target_state(order(), NOW)
    assert await runner.target_state(order(**change), NOW) != await runner.target_state(order(), NOW)
    assert await runner.target_state(replace(order(), hook=None), NOW) is None
    assert SECRET not in str(await runner.target_state(order(), NOW))
    assert SECRET not in repr(order())
