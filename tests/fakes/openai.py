"""Chat completions, from the public API description: scripted turns, tool calls, refusals; 429, 500, slow, garbage.

https://platform.openai.com/docs/api-reference/chat/create; errors also as Azure, Ollama, vLLM and FastAPI put them.
"""

import json
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.server import Fake, Request, serve

Turn = dict[str, Any] | str

# What servers say to a request with something they do not know ({0}): status and body.
DIALECTS: dict[str, tuple[int, dict[str, Any]]] = {
    "openai": (
        400,
        {"error": {"message": "Unknown parameter: '{0}'.", "type": "invalid_request_error", "param": "{0}"}},
    ),
    "azure": (400, {"error": {"code": "BadRequest", "message": "Unrecognized request argument supplied: {0}"}}),
    "ollama": (400, {"error": {"message": "registry.ollama.ai/library/small:latest does not support {0}"}}),
    "old ollama": (400, {"error": "small does not support {0}"}),
    "vllm": (400, {"object": "error", "message": "{0}: choice requires --enable-auto-{0}-choice", "code": 400}),
    "fastapi": (422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "{0}"], "msg": "Extra inputs"}]}),
    "router": (404, {"error": {"message": "No endpoints found that support tool use ({0}).", "code": 404}}),
}
Script = Callable[[dict[str, Any]], Turn]


@dataclass
class OpenAI(Fake):
    """`turns` are said one after the other (the last again and again); a callable turn sees the request first."""

    turns: list[Turn | Script] = field(default_factory=list)
    no_tools: bool = False
    no_usage: bool = False
    dialect: str = "openai"
    # Of tools, json_schema, json_object, max_tokens: what this server does not know.
    lacks: tuple[str, ...] = ()
    finish: str | None = None

    def answer(self, request: Request) -> tuple[int, Any]:
        if not request.path.endswith("/chat/completions"):
            return 404, {"error": {"message": "not found"}}
        asked = request.json
        lacks = ("tools", "max_tokens", "json_schema", "json_object") if self.no_tools else self.lacks
        unknown = next((name for name in lacks if name in _wanted(asked)), None)
        if unknown is not None:
            status, body = DIALECTS[self.dialect]
            return status, json.dumps(body).replace("{0}", unknown).encode()
        turn = self.turns.pop(0) if len(self.turns) > 1 else self.turns[0]
        message = turn(asked) if callable(turn) else turn
        if isinstance(message, str):
            message = {"content": message}
        body: dict[str, Any] = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": asked["model"],
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": None, **message},
                    "finish_reason": self.finish or ("tool_calls" if message.get("tool_calls") else "stop"),
                }
            ],
        }
        if not self.no_usage:
            body["usage"] = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
        return 200, body

    @property
    def prompts(self) -> list[str]:
        """Everything that was sent, as text."""
        return [request.body.decode() for request in self.requests]


def _wanted(asked: dict[str, Any]) -> set[str]:
    """What a request needs its server to know."""
    form = asked.get("response_format", {}).get("type")
    limits = {"max_tokens"} if {"max_tokens", "max_completion_tokens"} & set(asked) else set[str]()
    return limits | ({form} if form else set()) | ({"tools"} if "tools" in asked else set())


def call(name: str, arguments: dict[str, Any] | str) -> dict[str, Any]:
    """A turn that calls one tool."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {"tool_calls": [{"id": f"call_{name}", "type": "function", "function": {"name": name, "arguments": text}}]}


def conclude(
    category: str,
    statement: str,
    *quotes: tuple[str, str],
    verdict: str = "incident",
    action: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A turn that concludes with one hypothesis."""
    supporting = [{"evidence": evidence, "quote": quote} for evidence, quote in quotes]
    hypothesis = {"category": category, "statement": statement, "supporting": supporting}
    conclusion = {"verdict": verdict, "hypotheses": [hypothesis], "summary": statement, "action": action}
    return call("conclude", conclusion)


def quoting(category: str, statement: str, *quotes: str, action: dict[str, Any] | None = None) -> Script:
    """A turn that concludes with true quotes: it looks up their labels in the prompt, as a model does."""

    def turn(asked: dict[str, Any]) -> dict[str, Any]:
        return conclude(category, statement, *((label_of(asked, quote), quote) for quote in quotes), action=action)

    return turn


def label_of(asked: dict[str, Any], quote: str) -> str:
    """The evidence in the prompt that contains the quote; E0 when none does."""
    lines = [line for message in asked["messages"] for line in (message["content"] or "").splitlines()]
    shown = [found for line in lines if line.startswith('[{"label"') for found in json.loads(line)]
    return next((found["label"] for found in shown if quote in found["content"]), "E0")


@contextmanager
def fake_openai() -> Generator[OpenAI]:
    with serve(OpenAI()) as openai:
        yield openai
