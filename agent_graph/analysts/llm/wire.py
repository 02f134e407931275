"""What goes over the wire to endpoints that differ: how a request is put, how answers and errors are read."""

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

from agent_graph.deps import ModelFailed, Reply
from agent_graph.safety.evidence import safe_json, safe_text
from agent_graph.state import Json
from backend.investigation.kinds import Usage
from backend.redaction.clean import one_line
from backend.redaction.redact import redact
from backend.usage.rules import Prices

if TYPE_CHECKING:
    from openai import APIStatusError
    from openai.types.chat import ChatCompletion

# From the most an endpoint may know to the least: tools; JSON by schema; any JSON; nothing but messages.
Form = Literal["tools", "schema", "object", "plain"]
FORMS: tuple[Form, ...] = ("tools", "schema", "object", "plain")

LONGEST_ANSWER_TOKENS = 8_000
_LONGEST_CONTENT = 60_000
_LONGEST_TEXT = 4_000
# More than any model takes in and gives out; a server that says more has miscounted.
_MOST_TOKENS = 10_000_000
_MOST_CALLS = 20
_LONGEST_ANSWER = 1_000_000
_NOT_UNDERSTOOD = (400, 404, 415, 422, 501)
# A 400 that asking more plainly cannot help.
_FINAL = re.compile(
    r"context.?length|maximum context|too (?:long|many tokens)|content.?(?:filter|management)|model.?not.?found"
    r"|model .{0,200}(?:not found|does not exist)|deployment.?not.?found|api.?key",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"content.?(?:filter|management)", re.IGNORECASE)
_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)


def request(form: Form, messages: list[Json], tools: list[Json]) -> Json:
    """The members of the request besides the model's name."""
    if form == "tools":
        offered = {"tools": tools} if tools else {}
        return {"messages": messages, "max_completion_tokens": LONGEST_ANSWER_TOKENS, **offered}
    plain: Json = {"messages": _without_tools(messages)}
    if not tools or form == "plain":
        return plain
    plain["max_tokens"] = LONGEST_ANSWER_TOKENS
    if form == "object":
        return {**plain, "response_format": {"type": "json_object"}}
    conclude = tools[-1]["function"]
    schema = {"name": conclude["name"], "schema": conclude["parameters"], "strict": False}
    return {**plain, "response_format": {"type": "json_schema", "json_schema": schema}}


def plainer(form: Form, error: "APIStatusError", tools: Sequence[Json]) -> Form | None:
    """The next form to try after this refusal, or None when the form is not the reason."""
    said = message_of(error)
    if error.status_code not in _NOT_UNDERSTOOD or _FINAL.search(said):
        return None
    if error.status_code == 404 and "tool" not in said.lower():
        return None
    left = FORMS[FORMS.index(form) + 1 :] if tools else ("plain",) if form != "plain" else ()
    return left[0] if left else None


def message_of(error: "APIStatusError") -> str:
    """The sentence in an error's body: OpenAI, Azure, Ollama, vLLM and FastAPI each put it elsewhere."""
    body: Any = error.body
    for name in ("error", "message", "detail"):
        if isinstance(body, dict) and cast(Json, body).get(name):
            body = cast(Json, body)[name]
    if isinstance(body, dict):
        body = cast(Json, body).get("message") or json.dumps(body, default=str)
    if isinstance(body, list):
        body = json.dumps(body, default=str)
    return one_line(redact(str(body or error.message)), 300)


def refused(error: "APIStatusError") -> bool:
    """Did a filter before the model say no (Azure does so with a 400)?"""
    return error.status_code == 400 and bool(_REFUSED.search(f"{message_of(error)} {error.body}"))


def guess_tokens(*parts: Any) -> int:
    """About four characters make a token."""
    return sum(len(json.dumps(part, default=str)) for part in parts) // 4


def reply(answer: "ChatCompletion", sent: Json, model: str, prices: Prices) -> Reply:
    """The turn to keep, without secrets. Raises ModelFailed for what is none, with what it cost."""
    choices: Any = getattr(answer, "choices", None)
    choice: Any = cast(list[Any], choices)[0] if isinstance(choices, list) and choices else None
    message: Any = getattr(choice, "message", None)
    if message is None:
        spent = _usage(answer, sent, [], model, prices) if getattr(answer, "usage", None) else None
        raise ModelFailed("The model's endpoint gave an answer that is none (no message).", spent)
    content = _text(message.content)
    asked: Any = message.tool_calls
    listed = cast(list[Any], asked)[:_MOST_CALLS] if isinstance(asked, list) else []
    calls = [_call(call, place) for place, call in enumerate(listed, start=1)]
    spent = _usage(answer, sent, [content, calls], model, prices)
    reason = getattr(choice, "finish_reason", None)
    if getattr(message, "refusal", None) or reason == "content_filter":
        raise ModelFailed("The model refused to answer.", spent)
    turn: Json = {
        "content": safe_text(_THOUGHTS.sub("", content).strip()[:_LONGEST_CONTENT], _LONGEST_CONTENT),
        "tool_calls": [call for call in calls if call is not None],
        "cut": reason == "length",
    }
    return Reply(turn, spent)


def _text(content: Any) -> str:
    """What was said: a text, or, as some servers answer, a list of parts."""
    if isinstance(content, list):
        parts = [part for part in cast(list[Any], content) if isinstance(part, dict)]
        content = "".join(str(part.get("text") or "") for part in cast(list[Json], parts))
    return content[:_LONGEST_ANSWER] if isinstance(content, str) else ""


def estimated(sent: Json, model: str, prices: Prices) -> Usage:
    """What a call that was never answered may have cost."""
    tokens = guess_tokens(sent)
    return Usage(model=model, tokens_in=tokens, calls=1, cost_usd=float(prices.cost(tokens, 0)), estimated=True)


def _usage(answer: "ChatCompletion", sent: Json, said: list[Any], model: str, prices: Prices) -> Usage:
    spent = getattr(answer, "usage", None)
    tokens_in = _count(getattr(spent, "prompt_tokens", None))
    tokens_out = _count(getattr(spent, "completion_tokens", None))
    counted = tokens_in > 0
    if not counted:
        tokens_in, tokens_out = guess_tokens(sent), guess_tokens(*said)
    cost = float(prices.cost(tokens_in, tokens_out))
    return Usage(model=model, tokens_in=tokens_in, tokens_out=tokens_out, calls=1, cost_usd=cost, estimated=not counted)


def _count(value: Any) -> int:
    """Tokens, where the server counted them; 0 for what no model can have read or said."""
    return value if isinstance(value, int) and 0 < value <= _MOST_TOKENS else 0


def _call(call: Any, place: int) -> Json | None:
    function = getattr(call, "function", None)
    if function is None or not function.name:
        return None
    arguments: Any = function.arguments or "{}"
    try:
        parsed = json.loads(arguments) if isinstance(arguments, str) else arguments
        text = json.dumps(safe_json(parsed, (), _LONGEST_TEXT), ensure_ascii=False)
    except (ValueError, RecursionError):
        text = safe_text(str(arguments)[:_LONGEST_CONTENT], _LONGEST_CONTENT)
    return {"id": call.id or f"call_{place}", "name": str(function.name)[:64], "arguments": text}


def _without_tools(messages: list[Json]) -> list[Json]:
    """A conversation that was begun with tools, for an endpoint that knows only who said what."""
    plain: list[Json] = []
    for message in messages:
        if message["role"] == "tool":
            plain.append({"role": "user", "content": message["content"]})
        elif message.get("tool_calls"):
            asked = [
                {"name": c["function"]["name"], "arguments": c["function"]["arguments"]} for c in message["tool_calls"]
            ]
            plain.append({"role": "assistant", "content": message["content"] or json.dumps(asked)})
        else:
            plain.append(message)
    return plain
