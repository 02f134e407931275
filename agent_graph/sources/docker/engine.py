"""A container engine that is only ever asked: Docker's HTTP API, which Podman answers, too.

Over httpx instead of the docker package: one dependency less in memory, and a client that can only GET.
https://docs.docker.com/reference/api/engine/  https://docs.podman.io/en/latest/_static/api.html
"""

import json
from contextlib import AsyncExitStack
from typing import Any

import httpx

from agent_graph.sources.asking import Trouble, read_capped, refusal
from backend.connection.docker import EngineAddress, Kind, engine_name
from backend.settings import Settings


class Engine:
    """One engine. `kind`: what it is configured as. `acts`: actions go to this one."""

    def __init__(
        self, kind: Kind, address: EngineAddress, client: httpx.AsyncClient, max_bytes: int, *, acts: bool
    ) -> None:
        self.kind: Kind = kind
        self.acts = acts
        # Who it really is, each answer says: DOCKER_HOST may well lead to a Podman.
        self.name = kind.capitalize()
        self._address = address
        self._client = client
        self._max_bytes = max_bytes

    @property
    def is_podman(self) -> bool:
        return self.name.startswith("Podman")

    async def get(self, path: str, **params: Any) -> tuple[bytes, bool]:
        """The body of an answer, capped; True when there was more. Raises Trouble."""
        try:
            async with self._client.stream("GET", path, params=params) as response:
                body, cut = await read_capped(response, self._max_bytes)
        except httpx.ConnectError as error:
            raise Trouble(_unreachable(error, self._address)) from error
        self.name = engine_name(response.headers)
        if response.status_code >= 400:
            raise refusal(response.status_code, _said(body))
        return body, cut

    async def json(self, path: str, **params: Any) -> Any:
        """The same, parsed."""
        body, _ = await self.get(path, **params)
        return json.loads(body)


def _said(body: bytes) -> bytes:
    """The sentence inside Docker's and Podman's JSON errors, or the body as it is."""
    try:
        return str(json.loads(body)["message"]).encode()
    except (ValueError, KeyError, TypeError):
        return body


def _unreachable(error: BaseException, address: EngineAddress) -> str:
    where = str(address.socket or address.base_url)
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, PermissionError):
            advice = "add the account that runs the agent to the group that owns it"
            return f"cannot be reached: permission for {where} is denied; {advice}"
        if isinstance(cause, FileNotFoundError):
            return f"cannot be reached: there is no {where}; the engine does not run, or its socket is elsewhere"
        cause = cause.__cause__ or cause.__context__
    return f"cannot be reached at {where} ({str(error) or type(error).__name__})"


async def open_engine(
    kind: Kind, address: EngineAddress, settings: Settings, stack: AsyncExitStack, *, acts: bool
) -> Engine:
    """Connects when it is asked for the first time."""
    timeout = httpx.Timeout(settings.source_timeout_seconds)
    transport = httpx.AsyncHTTPTransport(uds=str(address.socket)) if address.socket else None
    client = httpx.AsyncClient(transport=transport, base_url=address.base_url, timeout=timeout, trust_env=False)
    await stack.enter_async_context(client)
    return Engine(kind, address, client, settings.log_read_bytes, acts=acts)
