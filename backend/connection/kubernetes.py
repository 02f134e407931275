"""How the Kubernetes cluster is asked: over HTTP, so that answers stay the JSON that `kubectl get -o json` prints.

Nothing here changes anything: it gets, and it asks what it may.
"""

import asyncio
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from backend.connection.kubernetes_access import Access, dial, read_access
from backend.settings import Settings

JSON = "application/json"
# Tokens, certificates and kubeconfig files change under a process that runs for months: they are read again.
_FRESH_SECONDS = 60.0
# Too many requests, or trouble on its side: worth another try after so long, or after as long as it asks for.
_BUSY = frozenset({429, 500, 502, 503, 504})
_PAUSES = (0.2, 0.6)

T = TypeVar("T")


class NotReached(Exception):
    """The cluster gave no answer; the sentence says why."""


@dataclass(frozen=True)
class Answer:
    """What the API server answered. `cut`: there was more than was read."""

    status: int
    body: bytes
    cut: bool = False


class KubernetesCluster:
    """One cluster, asked over HTTP. Whoever made it closes it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ways: list[tuple[Access, httpx.AsyncClient]] = []
        self._fresh_until = 0.0
        self._opening: asyncio.Task[None] | None = None

    async def get(
        self, path: str, query: Mapping[str, str], seconds: float, most_bytes: int, accept: str = JSON
    ) -> Answer:
        """GET, at most so long and so much; asked again while it is busy. Raises NotReached or UnusableCluster."""
        return await self._within(seconds, self._patiently(path, dict(query), seconds, most_bytes, accept))

    async def may(self, verb: str, group: str, resource: str, namespace: str, seconds: float) -> bool:
        """What SelfSubjectAccessReview answers, for all namespaces when there is none. It changes nothing."""
        name, _, subresource = resource.partition("/")
        wish = {"verb": verb, "group": group, "resource": name, "subresource": subresource, "namespace": namespace}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {key: value for key, value in wish.items() if value}},
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        response = await self._within(seconds, self._post(path, review))
        if response.status_code not in (200, 201):
            raise NotReached(f"answered {response.status_code} to the question what it allows")
        return bool(response.json().get("status", {}).get("allowed"))

    async def address(self, seconds: float) -> str:
        """Where it is. Raises NotReached or UnusableCluster."""
        access, _ = await self._within(seconds, self._client())
        return access.host

    def prepare(self) -> None:
        """Begins to find the way in, so that the first question need not wait for it."""
        self._begin_opening()

    async def aclose(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait([self._opening])
        for _, client in self._ways:
            await client.aclose()

    async def _within(self, seconds: float, work: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(seconds):
                return await work
        except (TimeoutError, httpx.TimeoutException):
            raise NotReached(f"did not answer within {seconds:.3g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise NotReached(f"cannot be reached ({' '.join(str(error).split()) or type(error).__name__})") from None

    async def _patiently(
        self, path: str, query: dict[str, str], seconds: float, most_bytes: int, accept: str
    ) -> Answer:
        ends = time.monotonic() + seconds
        for pause in _PAUSES:
            try:
                answer, wanted = await self._once(path, query, most_bytes, accept)
            except (httpx.RemoteProtocolError, httpx.ReadError):
                # A connection that was kept and has been closed at the other end.
                continue
            if answer.status == 401:
                # The token may have been replaced since it was read; a second refusal is meant.
                self._fresh_until = pause = wanted = 0.0
            elif answer.status not in _BUSY:
                return answer
            if time.monotonic() + max(pause, wanted) >= ends:
                return answer
            await asyncio.sleep(max(pause, wanted))
        return (await self._once(path, query, most_bytes, accept))[0]

    async def _once(self, path: str, query: dict[str, str], most_bytes: int, accept: str) -> tuple[Answer, float]:
        access, client = await self._client()
        asked: dict[str, Any] = {"params": query, "headers": {"accept": accept}, "extensions": _named(access)}
        parts: list[bytes] = []
        size = 0
        async with client.stream("GET", path, **asked) as response:
            async for part in response.aiter_bytes():
                parts.append(part)
                size += len(part)
                if size > most_bytes:
                    return Answer(response.status_code, b"".join(parts)[:most_bytes], cut=True), 0.0
        return Answer(response.status_code, b"".join(parts)), _asked_to_wait(response)

    async def _post(self, path: str, body: Any) -> httpx.Response:
        access, client = await self._client()
        return await client.post(path, json=body, headers={"accept": JSON}, extensions=_named(access))

    async def _client(self) -> tuple[Access, httpx.AsyncClient]:
        if not self._ways or time.monotonic() >= self._fresh_until:
            # A plug-in that hangs hangs once, however many wait for it.
            await asyncio.shield(self._begin_opening())
        return self._ways[-1]

    def _begin_opening(self) -> asyncio.Task[None]:
        if self._opening is None or self._opening.done():
            self._opening = asyncio.create_task(self._open())
            self._opening.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._opening

    async def _open(self) -> None:
        access = await asyncio.to_thread(read_access, self._settings)
        if not self._ways or self._ways[-1][0] != access:
            self._ways.append((access, await asyncio.to_thread(dial, access)))
            if len(self._ways) > 2:
                # What is under way still uses the one before; nothing uses the one before that.
                _, unused = self._ways.pop(0)
                await unused.aclose()
        self._fresh_until = time.monotonic() + _FRESH_SECONDS


def _named(access: Access) -> dict[str, Any]:
    return {"sni_hostname": access.server_name} if access.server_name else {}


def _asked_to_wait(response: httpx.Response) -> float:
    """Retry-After, of which the API server sends the kind in seconds."""
    said = response.headers.get("retry-after", "")
    return float(said) if said.isdigit() else 0.0
