"""runbook.call_hook: one HTTP request to a registered hook. Never repeated, never redirected, its answer capped."""

import asyncio
import json
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import cast

import httpx
from pydantic import JsonValue

from actions.excerpt import excerpt
from actions.kinds import NotPossible, Order, Runner, Tools
from backend.action.kinds import CallHookParams, Change, Preview, Result
from backend.runbook import rules
from backend.runbook.kinds import HookDefinition
from backend.version import VERSION

MAX_ANSWER_BYTES = 16_000
CONNECT_SECONDS = 10.0
# The status line is the answer; the rest is only quoted.
BODY_SECONDS = 5.0


@dataclass(frozen=True)
class CallHook:
    """Calls a hook with the approved arguments. The hook can tell a repetition by the Idempotency-Key."""

    http: httpx.AsyncClient
    body_seconds: float = BODY_SECONDS

    async def preview(self, order: Order, now: datetime) -> Preview:
        params = cast(CallHookParams, order.params)
        hook = order.hook
        if hook is None:
            raise NotPossible(f"There is no active hook {params.hook} any more.")
        wrong = rules.check_arguments(hook.params_schema, params.arguments)
        if wrong is not None:
            raise NotPossible(f"The arguments do not fit the hook's schema: {wrong.text}")
        arguments = json.dumps(params.arguments, ensure_ascii=False, sort_keys=True)
        does = hook.description or "Its description is empty."
        return Preview(
            summary=f"Call runbook hook {hook.name}",
            changes=[Change(what="What the hook does", after=does), Change(what="Arguments", after=arguments)],
            command=f"{hook.method} {hook.url} with arguments {arguments}",
            warnings=_warnings(hook),
        )

    async def target_state(self, order: Order, now: datetime) -> dict[str, JsonValue] | None:
        return None if order.hook is None else {"hook": order.hook.sha256()}

    async def run(self, order: Order) -> Result:
        hook = order.hook
        if hook is None:
            return Result(outcome="failed", error="The hook is gone. Nothing was called.")
        try:
            return await self._call(order, hook)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            said = f"The hook cannot be reached: {_why(error, hook)}. Nothing was called."
            return Result(outcome="failed", error=said)
        except TimeoutError:
            said = f"The hook did not answer within {hook.timeout_seconds:g} seconds; it may have done its work."
            return Result(outcome="unknown", error=said)
        except httpx.InvalidURL as error:
            return Result(outcome="failed", error=f"The hook's URL cannot be used: {_why(error, hook)}.")
        except httpx.HTTPError as error:
            said = f"The hook was called, but gave no proper answer: {_why(error, hook)}."
            return Result(outcome="unknown", error=said)

    async def _call(self, order: Order, hook: HookDefinition) -> Result:
        # The deadline is the hook's own; httpx would only count the time between two bytes.
        timeout = httpx.Timeout(None, connect=min(CONNECT_SECONDS, hook.timeout_seconds))
        request = self.http.stream(
            hook.method, hook.url, json=_body(order, hook), headers=_headers(order, hook), timeout=timeout
        )
        async with AsyncExitStack() as stack:
            async with asyncio.timeout(hook.timeout_seconds):
                response = await stack.enter_async_context(request)
            text = excerpt(await _beginning(response, self.body_seconds), hook.headers.values())
        said = f"HTTP {response.status_code}: {text}" if text else f"HTTP {response.status_code}"
        if response.is_success:
            return Result(outcome="succeeded", result=said)
        if response.has_redirect_location:
            said = f"{said} (a redirect, which is not followed: register the hook's final address)"
        return Result(outcome="failed", error=said)


def open_client() -> httpx.AsyncClient:
    """The client that calls hooks: follows nothing, remembers no cookie, keeps no connection.

    A kept connection may be dead when it is used again, and then nobody could say whether the call arrived.
    """
    no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=0)
    return httpx.AsyncClient(follow_redirects=False, cookies=no_cookies, limits=limits)


def _of(tools: Tools) -> Runner:
    return CallHook(tools.http)


RUNNERS = {"runbook.call_hook": _of}


def _headers(order: Order, hook: HookDefinition) -> dict[str, str]:
    ours = {
        "Idempotency-Key": str(order.action_id),
        "User-Agent": f"nightdesk/{VERSION}",
        "Accept": "application/json, text/plain;q=0.5, */*;q=0.1",
        # What is compressed would have to be unpacked before it could be capped.
        "Accept-Encoding": "identity",
    }
    return {**ours, **hook.headers}


def _body(order: Order, hook: HookDefinition) -> dict[str, JsonValue]:
    return {
        "hook": hook.name,
        "action_id": str(order.action_id),
        "incident_id": str(order.incident_id),
        "target": order.target,
        "arguments": cast(CallHookParams, order.params).arguments,
    }


async def _beginning(response: httpx.Response, seconds: float) -> bytes:
    """As much of the answer as is kept. The status line has come: an answer that breaks off later is still one."""
    kept = b""
    with suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(seconds):
            async for chunk in response.aiter_raw():
                kept += chunk
                if len(kept) >= MAX_ANSWER_BYTES:
                    break
    return kept[:MAX_ANSWER_BYTES]


def _why(error: Exception, hook: HookDefinition) -> str:
    return excerpt((str(error) or type(error).__name__).encode(), hook.headers.values())


def _warnings(hook: HookDefinition) -> list[str]:
    warnings: list[str] = []
    if hook.url.startswith("http:"):
        warnings.append("The request is not encrypted (http://).")
    if not hook.inverse:
        warnings.append("The hook does not say how to undo it.")
    if not hook.idempotent:
        warnings.append("It is called once; if the connection breaks, whether it worked may stay unknown.")
    return warnings
