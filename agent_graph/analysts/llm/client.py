"""The model behind any OpenAI-compatible endpoint. Whatever goes wrong comes out as ModelFailed with a sentence."""

import json
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from agent_graph.deps import ModelFailed, Reply
from agent_graph.state import Json
from backend.investigation.kinds import Usage
from backend.redaction.clean import one_line
from backend.redaction.redact import redact
from backend.settings import Settings

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletion

# What servers that know neither tools nor limits answer to a request that has them.
_NOT_UNDERSTOOD = (400, 404, 415, 422, 501)
_LONGEST_ANSWER_TOKENS = 8_000


class OpenAIModel:
    """One chat completion per call, with tools where the endpoint has them."""

    def __init__(self, client: "AsyncOpenAI", model: str) -> None:
        self._client = client
        self._plain = False
        self.name = model

    async def complete(self, messages: list[Json], tools: list[Json]) -> Reply:
        """The model's turn. Raises ModelFailed."""
        import openai

        try:
            answer = await self._call(messages, tools)
        except openai.APITimeoutError:
            raise ModelFailed("The model did not answer in time.") from None
        except openai.APIConnectionError as error:
            raise ModelFailed(f"The model cannot be reached ({_said(error)}).") from None
        except openai.RateLimitError:
            raise ModelFailed("The model's endpoint refuses more requests for now (429).") from None
        except openai.APIStatusError as error:
            raise ModelFailed(f"The model's endpoint answered {error.status_code}: {_said(error)}") from None
        except (openai.OpenAIError, ValueError, TypeError, AttributeError) as error:
            raise ModelFailed(f"The model's endpoint gave an answer that is none ({type(error).__name__}).") from None
        return _reply(answer, messages, self.name)

    async def _call(self, messages: list[Json], tools: list[Json]) -> "ChatCompletion":
        import openai

        if not self._plain:
            try:
                offered = {"tools": tools} if tools else {}
                return await self._send(messages, max_completion_tokens=_LONGEST_ANSWER_TOKENS, **offered)
            except openai.APIStatusError as error:
                if error.status_code not in _NOT_UNDERSTOOD:
                    raise
                # Asked again in the oldest form there is; a second refusal is about something else.
                self._plain = True
        return await self._send(messages)

    async def _send(self, messages: list[Json], **more: Any) -> "ChatCompletion":
        completions: Any = self._client.chat.completions
        return await completions.create(model=self.name, messages=messages, **more)


def _reply(answer: "ChatCompletion", messages: list[Json], model: str) -> Reply:
    choices = getattr(answer, "choices", None)
    if not choices or getattr(choices[0], "message", None) is None:
        raise ModelFailed("The model's endpoint gave an answer that is none (no message).")
    message = choices[0].message
    if message.refusal or choices[0].finish_reason == "content_filter":
        raise ModelFailed("The model refused to answer.")
    calls = [
        {"id": call.id, "name": call.function.name, "arguments": call.function.arguments or "{}"}
        for call in message.tool_calls or []
        if call.type == "function"
    ]
    content = message.content or ""
    spent = answer.usage
    # Some servers do not count; about four characters make a token.
    tokens_in = spent.prompt_tokens if spent else len(json.dumps(messages)) // 4
    tokens_out = spent.completion_tokens if spent else len(content) // 4
    usage = Usage(model=model, tokens_in=tokens_in, tokens_out=tokens_out, calls=1)
    return Reply({"content": redact(content), "tool_calls": calls}, usage)


def _said(error: Exception) -> str:
    return one_line(redact(str(error)), 200)


async def open_model(settings: Settings, stack: AsyncExitStack) -> OpenAIModel | None:
    """The configured model, or None without a key. The client library is loaded only when it is needed: it is large."""
    if settings.openai_api_key is None or not settings.openai_api_key.get_secret_value():
        return None
    from openai import AsyncOpenAI

    client = AsyncOpenAI(
        api_key=settings.openai_api_key.get_secret_value(),
        base_url=settings.openai_base_url,
        timeout=settings.llm_timeout_seconds,
        max_retries=1,
    )
    stack.push_async_callback(client.close)
    return OpenAIModel(client, settings.openai_model)
