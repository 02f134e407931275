"""The model behind any OpenAI-compatible endpoint. Whatever goes wrong comes out as ModelFailed with a sentence."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from agent_graph.analysts.llm import wire
from agent_graph.deps import ModelFailed, Reply
from agent_graph.state import Json
from backend.redaction.clean import one_line
from backend.redaction.redact import redact
from backend.settings import Settings
from backend.usage.rules import Prices

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletion

_PAUSE_SECONDS = 0.5
# An endpoint that asks for more patience is not asked again in this investigation.
_LONGEST_PAUSE_SECONDS = 20.0


class OpenAIModel:
    """One chat completion per call, in the richest form that the endpoint understands."""

    def __init__(self, client: "AsyncOpenAI", model: str, prices: Prices) -> None:
        self._client = client
        self._prices = prices
        self._form: wire.Form = "tools"
        self.name = model

    async def complete(self, messages: list[Json], tools: list[Json]) -> Reply:
        """The model's turn. Raises ModelFailed."""
        import openai

        sent = wire.request(self._form, messages, tools)
        try:
            answer = await self._understood(messages, tools)
        except openai.APITimeoutError:
            # It may have been charged all the same.
            raise ModelFailed("The model did not answer in time.", self.guess(messages, tools)) from None
        except openai.APIConnectionError as error:
            raise ModelFailed(f"The model cannot be reached ({one_line(redact(str(error)), 200)}).") from None
        except openai.RateLimitError:
            raise ModelFailed("The model's endpoint refuses more requests for now (429).") from None
        except openai.APIStatusError as error:
            if wire.refused(error):
                raise ModelFailed("The model refused to answer (a filter of its endpoint).") from None
            said = wire.message_of(error)
            raise ModelFailed(f"The model's endpoint answered {error.status_code}: {said}") from None
        except (openai.OpenAIError, ValueError, TypeError, AttributeError) as error:
            raise ModelFailed(f"The model's endpoint gave an answer that is none ({type(error).__name__}).") from None
        try:
            return wire.reply(answer, sent, self.name, self._prices)
        except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError) as error:
            why = f"The model's endpoint gave an answer that cannot be read ({type(error).__name__})."
            raise ModelFailed(why, self.guess(messages, tools)) from None

    def guess(self, messages: list[Json], tools: list[Json]) -> "wire.Usage":
        """What sending this may cost, before anybody has counted."""
        return wire.estimated(wire.request(self._form, messages, tools), self.name, self._prices)

    async def _understood(self, messages: list[Json], tools: list[Json]) -> "ChatCompletion":
        """Asked again in a plainer form until the endpoint understands; the form that worked is kept."""
        import openai

        form = self._form
        while True:
            try:
                answer = await self._patiently(wire.request(form, messages, tools))
            except openai.APIStatusError as error:
                next_form = wire.plainer(form, error, tools)
                if next_form is None:
                    raise
                form = next_form
            else:
                if tools:
                    self._form = form
                return answer

    async def _patiently(self, body: Json) -> "ChatCompletion":
        """A second try after 429, 5xx and lost connections; never after a time-out, which may have been paid for."""
        completions: Any = self._client.chat.completions
        async for attempt in AsyncRetrying(
            stop=stop_after_attempt(2), retry=retry_if_exception(_is_worth_it), wait=_pause, reraise=True
        ):
            with attempt:
                return await completions.create(model=self.name, **body)
        raise AssertionError("unreachable")


def _is_worth_it(error: BaseException) -> bool:
    import openai

    if isinstance(error, openai.APIStatusError):
        again = error.status_code == 429 or error.status_code >= 500
        return again and _asked_to_wait(error) <= _LONGEST_PAUSE_SECONDS
    return isinstance(error, openai.APIConnectionError) and not isinstance(error, openai.APITimeoutError)


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return _asked_to_wait(error)


def _asked_to_wait(error: BaseException | None) -> float:
    """Retry-After: milliseconds as Azure says it, seconds, or a date by the server's own clock. Else half a second."""
    headers: Mapping[str, str] = getattr(getattr(error, "response", None), "headers", {})
    wanted = headers.get("retry-after", "")
    try:
        if "retry-after-ms" in headers:
            seconds = float(headers["retry-after-ms"]) / 1000
        elif wanted[:1].isalpha():
            seconds = (parsedate_to_datetime(wanted) - parsedate_to_datetime(headers["date"])).total_seconds()
        else:
            seconds = float(wanted)
    except (KeyError, ValueError, TypeError):
        return _PAUSE_SECONDS
    return max(_PAUSE_SECONDS, seconds)


async def open_model(settings: Settings, stack: AsyncExitStack) -> OpenAIModel | None:
    """The configured model, or None. The client library is loaded only when it is needed: it is large."""
    if not settings.has_model:
        return None
    from openai import AsyncAzureOpenAI, AsyncOpenAI

    # Servers of one's own want no key; the library wants one.
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else "none"
    common: Any = {"api_key": key or "none", "timeout": settings.llm_timeout_seconds, "max_retries": 0}
    client: AsyncOpenAI
    if settings.openai_api_version and settings.openai_base_url:
        azure: Any = {"azure_endpoint": settings.openai_base_url, "azure_deployment": settings.openai_model}
        client = AsyncAzureOpenAI(api_version=settings.openai_api_version, **azure, **common)
    else:
        client = AsyncOpenAI(base_url=settings.openai_base_url, **common)
    stack.push_async_callback(client.close)
    prices = Prices(settings.llm_price_in_usd, settings.llm_price_out_usd)
    return OpenAIModel(client, settings.openai_model, prices)
