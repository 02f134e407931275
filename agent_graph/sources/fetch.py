"""How Loki and Prometheus are asked: over HTTP, capped while it streams, tried again when they are busy."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from agent_graph.sources.asking import Trouble, read_capped, refusal

TRIES = 3
# Proxies refuse longer addresses; Loki and Prometheus take the same as a form.
_LONGEST_ADDRESS = 2000


class _Busy(Exception):
    """Too many requests, or trouble on its side: worth another try."""


async def fetch(
    http: httpx.AsyncClient, url: str, params: Mapping[str, str], max_bytes: int, tries: int = TRIES
) -> tuple[bytes, bool]:
    """The body, at most `max_bytes` of it; True when there was more. Raises Trouble with what the other side said."""
    retrying = AsyncRetrying(
        retry=retry_if_exception_type(_Busy),
        stop=stop_after_attempt(tries),
        wait=wait_exponential_jitter(multiplier=0.2, max=1.5, jitter=0.2),
        reraise=True,
    )
    try:
        async for attempt_now in retrying:
            with attempt_now:
                return await _get(http, url, params, max_bytes)
    except _Busy as busy:
        raise refusal(*busy.args) from None
    raise Trouble("was not asked")


async def _get(http: httpx.AsyncClient, url: str, params: Mapping[str, str], max_bytes: int) -> tuple[bytes, bool]:
    long = len(urlencode(params)) > _LONGEST_ADDRESS
    async with http.stream("POST", url, data=params) if long else http.stream("GET", url, params=params) as response:
        body, cut = await read_capped(response, max_bytes)
    if response.status_code == 429 or (response.status_code >= 500 and not _took_too_long(response.status_code, body)):
        raise _Busy(response.status_code, _said(body))
    if response.status_code >= 400:
        raise refusal(response.status_code, _said(body))
    return body, cut


def _took_too_long(status: int, body: bytes) -> bool:
    """Did it give up on the query, and not for want of room? Then it would do so again, at the same cost."""
    try:
        return status == 504 or json.loads(body)["errorType"] in ("timeout", "canceled")
    except (ValueError, KeyError, TypeError):
        return False


def _said(body: bytes) -> bytes:
    """The sentence inside a JSON error, or the body as it is."""
    try:
        answer: Any = json.loads(body)
        return str(answer["error"]).encode()
    except (ValueError, KeyError, TypeError):
        return body


def quoted(text: str) -> str:
    """A label's value or a filter's text as LogQL and PromQL write it: nothing in it can end the string."""
    return json.dumps(text, ensure_ascii=False)
