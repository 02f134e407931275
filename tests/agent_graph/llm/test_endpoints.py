"""Endpoints that differ: what they do not know is left out, what they answer is read, every failure is a sentence."""

import json
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from agent_graph.analysts.llm.client import OpenAIModel, open_model
from agent_graph.analysts.llm.outcome import CONCLUDE, Conclusion, read_turn
from agent_graph.conclusion import Draft
from agent_graph.deps import ModelFailed
from backend.settings import load_settings
from tests.fakes.openai import DIALECTS, OpenAI, call, fake_openai

MESSAGES: list[dict[str, Any]] = [{"role": "system", "content": "You conclude."}, {"role": "user", "content": "Well?"}]
TOOLS: list[dict[str, Any]] = [
    {"type": "function", "function": {"name": "look", "description": "", "parameters": {"type": "object"}}},
    {
        "type": "function",
        "function": {"name": CONCLUDE, "description": "", "parameters": Conclusion.model_json_schema()},
    },
]
ANSWER = json.dumps({"verdict": "inconclusive", "summary": "Who knows."})
SECRET = "s3cr3t" + "-Horse-9"
RULES = {
    "verdict": "inconclusive",
    "analyst": "rules",
    "category": "unknown",
    "root_cause": "?",
    "confidence": "possible",
    "summary": "?",
}


@pytest.fixture
def endpoint() -> Generator[OpenAI]:
    with fake_openai() as fake:
        fake.turns = [ANSWER]
        yield fake


@asynccontextmanager
async def model_at(url: str, **settings: Any) -> AsyncGenerator[OpenAIModel]:
    values: dict[str, Any] = {"openai_api_key": "sk-test", "llm_timeout_seconds": 1.0, **settings}
    async with AsyncExitStack() as stack:
        model = await open_model(load_settings(openai_base_url=url, **values), stack)
        assert model is not None
        yield model


LACKING = {
    ("tools",): "json_schema",
    ("tools", "json_schema"): "json_object",
    ("tools", "json_schema", "json_object"): None,
    ("tools", "max_tokens", "json_schema", "json_object"): None,
}


# A router says so of tools only.
CASES = [(dialect, lacks) for dialect in DIALECTS for lacks in LACKING if dialect != "router" or lacks == ("tools",)]


@pytest.mark.parametrize(("dialect", "lacks"), CASES)
async def test_what_a_server_does_not_know_is_left_out_and_not_tried_again(
    endpoint: OpenAI, dialect: str, lacks: tuple[str, ...]
):
    endpoint.dialect, endpoint.lacks = dialect, lacks
    async with model_at(endpoint.url) as model:
        assert (await model.complete(MESSAGES, TOOLS)).turn["content"] == ANSWER
        asked = len(endpoint.requests)
        await model.complete(MESSAGES, TOOLS)
    assert len(endpoint.requests) == asked + 1
    last = endpoint.requests[-1].json
    assert last.get("response_format", {}).get("type") == LACKING[lacks]
    assert "tools" not in last


async def test_azure_has_its_own_path_version_and_header(endpoint: OpenAI):
    settings = {"openai_api_version": "2025-01-01", "openai_model": "my-deployment"}
    async with model_at(endpoint.url, **settings) as model:
        await model.complete(MESSAGES, TOOLS)
    (request,) = endpoint.requests
    assert request.path == "/openai/deployments/my-deployment/chat/completions"
    assert request.query == {"api-version": "2025-01-01"}
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert headers["api-key"] == "sk-test"
    assert "authorization" not in headers


async def test_a_server_of_ones_own_needs_no_key_and_its_thoughts_are_left_out(endpoint: OpenAI):
    endpoint.turns = [f"<think>hm {{ not this }} hm</think>\n{ANSWER}"]
    endpoint.no_usage = True
    async with model_at(f"{endpoint.url}/v1", openai_api_key="", llm_price_in_usd=0, llm_price_out_usd=0) as model:
        reply = await model.complete(MESSAGES, TOOLS)
    assert reply.turn["content"] == ANSWER
    assert (reply.usage.estimated, reply.usage.cost_usd) == (True, 0)
    assert reply.usage.tokens_in > 0


async def test_a_conversation_with_tools_is_retold_where_there_are_none(endpoint: OpenAI):
    endpoint.lacks = ("tools",)
    asked = {"id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    talked = [
        *MESSAGES,
        {"role": "assistant", "content": "", "tool_calls": [asked]},
        {"role": "tool", "tool_call_id": "1", "content": "nothing"},
    ]
    async with model_at(endpoint.url) as model:
        await model.complete(talked, TOOLS)
    roles = [message["role"] for message in endpoint.requests[-1].json["messages"]]
    assert roles == ["system", "user", "assistant", "user"]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_busy_endpoint_is_asked_once_more_after_the_pause_it_wants(endpoint: OpenAI, status: int):
    endpoint.statuses, endpoint.headers = [status], {"retry-after": "1"}
    async with model_at(endpoint.url) as model:
        assert (await model.complete(MESSAGES, TOOLS)).turn["content"] == ANSWER
    assert len(endpoint.requests) == 2


async def test_one_that_wants_an_hour_is_not_waited_for(endpoint: OpenAI):
    endpoint.statuses, endpoint.headers = [429], {"retry-after": "3600"}
    async with model_at(endpoint.url) as model:
        with pytest.raises(ModelFailed, match="429"):
            await model.complete(MESSAGES, TOOLS)
    assert len(endpoint.requests) == 1


async def test_a_call_that_timed_out_is_not_repeated_and_may_have_been_charged(endpoint: OpenAI):
    endpoint.slow_seconds = 3.0
    async with model_at(endpoint.url, llm_timeout_seconds=0.5) as model:
        with pytest.raises(ModelFailed, match="in time") as failed:
            await model.complete(MESSAGES, TOOLS)
    assert failed.value.usage is not None
    assert failed.value.usage.estimated
    assert len(endpoint.requests) == 1


FINAL: dict[str, tuple[int, Any, str]] = {
    "too long": (400, {"error": {"message": "maximum context length is 8192 tokens"}}, "maximum context length"),
    "no such model": (404, {"error": {"message": "model 'x' not found", "type": "api_error"}}, "not found"),
    "no such deployment": (
        404,
        {"error": {"code": "DeploymentNotFound", "message": "The API deployment"}},
        "deployment",
    ),
    "filtered": (400, {"error": {"code": "content_filter", "message": "content management policy"}}, "refused"),
    "wrong key": (401, {"error": {"message": f"Incorrect API key: password={SECRET}"}}, "401"),
    "words": (400, "no", "400"),
    "nothing": (404, [], "404"),
}


@pytest.mark.parametrize("name", FINAL)
async def test_what_cannot_be_helped_is_asked_once_and_said_without_secrets(endpoint: OpenAI, name: str):
    status, body, why = FINAL[name]
    endpoint.answer = lambda request: (status, body)  # pyright: ignore[reportAttributeAccessIssue]
    async with model_at(endpoint.url) as model:
        with pytest.raises(ModelFailed) as failed:
            await model.complete(MESSAGES, TOOLS)
    assert why.lower() in str(failed.value).lower()
    assert SECRET not in str(failed.value)
    assert len(endpoint.requests) <= (4 if name == "words" else 1)


async def test_a_cut_answer_is_marked_and_a_refusal_is_paid_for(endpoint: OpenAI):
    endpoint.finish, endpoint.turns = "length", ['{"verdict": "incid']
    async with model_at(endpoint.url) as model:
        assert (await model.complete(MESSAGES, TOOLS)).turn["cut"]
        endpoint.finish, endpoint.turns = None, [{"refusal": "No."}]
        with pytest.raises(ModelFailed, match="refused") as failed:
            await model.complete(MESSAGES, TOOLS)
    assert failed.value.usage is not None
    assert failed.value.usage.tokens_in == 1000


async def test_a_secret_that_the_model_repeats_is_not_kept(endpoint: OpenAI):
    endpoint.turns = [call(CONCLUDE, {"verdict": "inconclusive", "summary": f"password={SECRET} \u202e"})]
    async with model_at(endpoint.url) as model:
        reply = await model.complete(MESSAGES, TOOLS)
    (said,) = reply.turn["tool_calls"]
    assert json.loads(said["arguments"]) == {"verdict": "inconclusive", "summary": "password=[redacted] "}


MESSAGE: dict[str, Any] = {"role": "assistant", "content": ANSWER}
USAGE = {"prompt_tokens": 1000, "completion_tokens": 100}
# What a broken server says of itself: the answer's members, and whether there is something to read in it.
BROKEN: dict[str, tuple[dict[str, Any], bool]] = {
    "choices are no list": ({"choices": {"a": 1}}, False),
    "choices are words": ({"choices": ["x"]}, False),
    "no message": ({"choices": [{"message": None}]}, False),
    "parts": ({"choices": [{"message": {**MESSAGE, "content": [{"type": "text", "text": ANSWER}]}}]}, True),
    "calls are words": ({"choices": [{"message": {**MESSAGE, "tool_calls": "x"}}]}, True),
    "counts are words": ({"usage": {"prompt_tokens": "12", "completion_tokens": "abc"}}, True),
    "counts are astronomic": ({"usage": {"prompt_tokens": 10**30, "completion_tokens": 10**30}}, True),
    "counts are broken": ({"usage": {"prompt_tokens": 1e308, "completion_tokens": 12.5}}, True),
    "counts are negative": ({"usage": {"prompt_tokens": -5, "completion_tokens": -(10**9)}}, True),
    "counts are a list": ({"usage": [1, 2]}, True),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_an_answer_in_no_known_form_is_read_or_refused_and_never_breaks_us(endpoint: OpenAI, name: str):
    changes, readable = BROKEN[name]
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "usage": USAGE}
    body |= {"choices": [{"index": 0, "message": MESSAGE, "finish_reason": "stop"}], **changes}
    endpoint.answer = lambda request: (200, body)  # pyright: ignore[reportAttributeAccessIssue]
    async with model_at(endpoint.url) as model:
        if readable:
            reply = await model.complete(MESSAGES, TOOLS)
            assert reply.turn["content"] == ANSWER
            assert reply.usage.estimated == ("usage" in changes)
            assert 0 < reply.usage.tokens_in <= 1000
        else:
            with pytest.raises(ModelFailed, match="none") as failed:
                await model.complete(MESSAGES, TOOLS)
            assert failed.value.usage is not None
            assert failed.value.usage.tokens_in == 1000


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({"retry-after": "Wed, 21 Oct 2037 07:28:00 GMT"}, 1),
        ({"retry-after-ms": "900000"}, 1),
        ({"retry-after": "inf"}, 2),
        ({"retry-after": "soon"}, 2),
        ({"retry-after": "nan"}, 2),
    ],
)
async def test_the_pause_is_understood_in_every_form_it_is_asked_for(
    endpoint: OpenAI, headers: dict[str, str], asked: int
):
    endpoint.statuses, endpoint.headers = [429, 429], headers
    async with model_at(endpoint.url) as model:
        with pytest.raises(ModelFailed, match="429"):
            await model.complete(MESSAGES, TOOLS)
    assert len(endpoint.requests) == asked


def test_a_member_that_is_null_is_not_said():
    said = {"verdict": "incident", "summary": None, "action": {"kind": None}, "hypotheses": [{"category": "oom"}]}
    claim = {"category": "oom", "statement": "It ran out.", "disproof": None, "contradicting": None, "supporting": None}
    text = json.dumps({**said, "hypotheses": [claim]})
    rules = Draft.model_validate(RULES)
    turn, draft = read_turn({"content": text}, [], [], rules, {}, last=False)
    assert draft is not None
    assert (draft.verdict, draft.wish, turn.get("repair")) == ("incident", None, None)
    deep = {"content": '{"verdict":"incident","x":' + "[" * 900 + "]" * 900 + "}"}
    turn, _ = read_turn(deep, [], [], rules, {}, last=False)
    assert turn.get("repair") or turn.get("concluded")
