"""One round of questions to a cluster: what it gave, what it refused, and what was asked word for word."""

import json
import re
import time
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import unquote, urlencode

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of
from agent_graph.sources.kubernetes.resources import RESOURCES, Resource
from backend.connection.kubernetes import JSON, Answer, KubernetesCluster, NotReached
from backend.connection.kubernetes_access import UnusableCluster

PAGE, FEWER, MOST = 100, 10, 500
_NAMED = 6
_REFUSED = (403, 404)
# One question that hangs leaves time for others.
_SHARE = 0.6
# What the kubelet says, as if it were a log, of one that is gone.
_NO_LOG = (b"unable to retrieve container logs for ", b"failed to try resolving symlinks in path ")
# Everything about an object but what is in it.
METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"


class Asked:
    """`queries`: what was answered, in its order. A question that was not answered is a gap, never an empty answer.

    `partial`: kinds of which not all that was asked for could be read.
    """

    def __init__(self, cluster: KubernetesCluster, seconds: float, most_bytes: int) -> None:
        self._cluster = cluster
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._ends = time.monotonic() + seconds
        self._gaps: dict[str, list[str]] = {}
        self.queries: list[str] = []
        self.absent: set[tuple[str, str]] = set()
        self.partial: set[str] = set()

    @property
    def gaps(self) -> list[str]:
        """What is not known, by the reason why."""
        return [_sentence(reason, list(dict.fromkeys(whats))) for reason, whats in self._gaps.items()]

    def miss(self, what: str, reason: str) -> None:
        """Something is not known."""
        self._gaps.setdefault(reason, []).append(what)

    async def one(
        self, kind: str | Resource, namespace: str | None, name: str, *, accept: str = JSON, optional: bool = False
    ) -> Object | None:
        """An object; None when it does not exist (it is then in `absent`), or could not be read.

        `optional`: a refusal is no gap, as nobody expects the right, nor that every cluster serves the kind.
        """
        resource = kind if isinstance(kind, Resource) else RESOURCES[kind]
        answer = await self._get(f"get {resource.plural}", resource.path(namespace, name), {}, accept)
        if answer is None:
            return None
        found = _parsed(answer)
        if answer.status == 200 and not answer.cut and dict_of(found, "metadata"):
            return {**found, "kind": resource.kind, "apiVersion": resource.version}
        if answer.status == 404 and found.get("reason") == "NotFound":
            self.absent.add((resource.kind, name))
        elif not (optional and answer.status in _REFUSED):
            self.miss(f"get {resource.plural}", _reason(answer, found))
        return None

    async def all(
        self, kind: str, namespace: str | None, *, labels: str = "", fields: str = "", optional: bool = False
    ) -> list[Object]:
        """The objects that fit, page by page, as far as they are read. `optional`: as for one."""
        resource, found = RESOURCES[kind], cast(list[Object], [])
        query = {"labelSelector": labels, "fieldSelector": fields}
        query, what = {key: value for key, value in query.items() if value}, f"list {resource.plural}"
        limit, more = PAGE, ""
        while len(found) < MOST:
            asked = {**query, "limit": str(limit), **({"continue": more} if more else {})}
            answer = await self._get(what, resource.path(namespace), asked, JSON)
            if answer is not None and answer.status == 200 and answer.cut and limit > FEWER:
                # Few large objects are as much as many small ones.
                limit = FEWER
                continue
            page = _parsed(answer) if answer is not None and not answer.cut else {}
            if answer is None or answer.status != 200 or "items" not in page:
                if answer is not None and not (optional and answer.status in _REFUSED):
                    # What was read of a list that cannot be read on still counts.
                    reason = _reason(answer, page)
                    self.miss(what, f"are not read to their end ({reason})" if found else reason)
                self.partial.add(kind)
                return found
            found += [_named(one, resource) for one in page["items"] or []]
            more = str(dict_of(page, "metadata").get("continue") or "")
            if not more:
                return found
        self.miss(what, f"are more than the {len(found)} that were read")
        self.partial.add(kind)
        return found

    async def groups(self) -> frozenset[str]:
        """Groups with their versions that the cluster serves beside the core; none when it does not say."""
        answer = await self._get("get apis", "/apis", {}, JSON)
        listed = list_of(_parsed(answer), "groups") if answer is not None and answer.status == 200 else []
        return frozenset(str(one.get("groupVersion")) for group in listed for one in list_of(group, "versions"))

    async def served(self, version: str) -> dict[str, Resource]:
        """The kinds of a group and version that the cluster serves. `version`: one of `groups`."""
        answer = await self._get("get apis", f"/apis/{version}", {}, JSON)
        listed = list_of(_parsed(answer), "resources") if answer is not None and answer.status == 200 else []
        # Parts of an object (deployments/scale) are no objects.
        return {
            str(one.get("kind")): Resource(str(one.get("kind")), version, str(one["name"]), bool(one.get("namespaced")))
            for one in listed
            if re.fullmatch(r"[a-z0-9]+", str(one.get("name")))
        }

    async def log(self, namespace: str, pod: str, query: Mapping[str, str], most_bytes: int) -> tuple[bytes, bool]:
        """A container's log, True when there was more; nothing where there is none."""
        path = RESOURCES["Pod"].path(namespace, pod, "log")
        answer = await self._get("get pods/log", path, query, "*/*", most_bytes)
        if answer is None:
            return b"", False
        if answer.status == 200 and answer.body.startswith(_NO_LOG):
            return b"", False
        if answer.status == 200:
            return answer.body, answer.cut or len(answer.body) >= int(query.get("limitBytes", most_bytes + 1))
        said = _parsed(answer)
        # A container that never ran, or never ran before, has said nothing. A pod may be gone by now.
        if answer.status == 404 and said.get("reason") == "NotFound":
            self.absent.add(("Pod", pod))
        elif answer.status != 400:
            self.miss("get pods/log", _reason(answer, said))
        return b"", False

    async def _get(
        self, what: str, path: str, query: Mapping[str, str], accept: str, most_bytes: int = 0
    ) -> Answer | None:
        left = self._ends - time.monotonic()
        if left <= 0:
            self.miss(what, f"no time was left within {self._seconds:g} s")
            return None
        try:
            seconds = min(left, self._seconds * _SHARE)
            answer = await self._cluster.get(path, query, seconds, most_bytes or self._most_bytes, accept)
        except NotReached as trouble:
            late = time.monotonic() >= self._ends
            self.miss(what, f"did not answer within {self._seconds:g} s" if late else str(trouble))
            return None
        except UnusableCluster as error:
            self.miss(what, error.detail)
            return None
        if answer.status == 200:
            self.queries.append(f"GET {path}?{unquote(urlencode(query))}" if query else f"GET {path}")
        return answer


def _named(one: Object, resource: Resource) -> Object:
    """As the API gives a single object. Who wrote which field of a pod is as long as the pod, and tells nothing."""
    if resource.kind in ("Pod", "Event", "ReplicaSet"):
        one = {**one, "metadata": {key: v for key, v in dict_of(one, "metadata").items() if key != "managedFields"}}
    return {**one, "kind": resource.kind, "apiVersion": resource.version}


def _parsed(answer: Answer) -> Object:
    try:
        found: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return cast(Object, found) if isinstance(found, dict) else {}


def _reason(answer: Answer, said: Object) -> str:
    if answer.status == 403:
        return "may not"
    if answer.status == 401:
        return "does not know our credential (401)"
    if answer.status == 404:
        return "does not serve this (404)"
    if answer.status == 410:
        return "the list had changed meanwhile"
    if answer.status == 200:
        return "gave more than can be read at once" if answer.cut else "gave an answer that could not be understood"
    message = " ".join(str(said.get("message") or "").split())[:200]
    return f"answered {answer.status}{': ' + message if message else ''}"


def _sentence(reason: str, whats: list[str]) -> str:
    shown = ", ".join(whats[:_NAMED]) + (f" and {len(whats) - _NAMED} more" if len(whats) > _NAMED else "")
    return f"may not {shown}" if reason == "may not" else f"{reason} ({shown})"
