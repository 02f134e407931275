"""Chat completions, from the public API description: scripted turns, tool calls, refusals; 429, 500, slow, garbage.

https://platform.openai.com/docs/api-reference/chat/create
"""

import json
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.server import Fake, Request, serve

Turn = dict[str, Any] | str
Script = Callable[[dict[str, Any]], Turn]


@dataclass
class OpenAI(Fake):
    """`turns` are said one after the other (the last again and again); a callable turn sees the request first."""

    turns: list[Turn | Script] = field(default_factory=list)
    no_tools: bool = False
    no_usage: bool = False

    def answer(self, request: Request) -> tuple[int, Any]:
        if not request.path.endswith("/chat/completions"):
            return 404, {"error": {"message": "not found"}}
        asked = request.json
        if self.no_tools and ("tools" in asked or "max_completion_tokens" in asked):
            return 400, {"error": {"message": "Unknown parameter: 'tools'.", "type": "invalid_request_error"}}
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
                    "finish_reason": "tool_calls" if message.get("tool_calls") else "stop",
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
