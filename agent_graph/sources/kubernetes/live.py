"""Kubernetes: the target and its owners, pods, events, logs, nodes and what was changed, asked in one go."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import httpx

from agent_graph.deps import Ask, Source, Tool
from agent_graph.sources.asking import BEFORE, WIDER, attempt, window
from agent_graph.sources.kubernetes import state
from agent_graph.sources.kubernetes.asked import Asked
from agent_graph.sources.kubernetes.container_logs import read_logs, read_run
from agent_graph.sources.kubernetes.look import Seen, find, look_around
from agent_graph.sources.kubernetes.looked_up import described
from agent_graph.sources.kubernetes.recent import changes_of
from agent_graph.sources.kubernetes.resources import RESOURCES
from agent_graph.sources.kubernetes.sickest import Voice, voices
from agent_graph.sources.kubernetes.subject import Subject, subject_of
from agent_graph.sources.kubernetes.target import known_case
from backend.connection.kubernetes import KubernetesCluster
from backend.connection.kubernetes_access import kubernetes_configured
from backend.investigation.kinds import CaseFile, Evidence
from backend.settings import Settings

NAME = state.NAME
# What is asked must be over before the source's own time is: what was learned by then is worth keeping.
_SHARE = 0.8
# An end this long before the trouble belongs to another one.
_OVER = timedelta(minutes=60)
_MOST_LOG_BYTES = 4_000_000
# What is kept of an answer is a small part of it.
_RAW = 4
_NAME: dict[str, Any] = {"type": "string", "pattern": "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", "maxLength": 253}
_HIDDEN = ("Secret", "ConfigMap", "Event", "ControllerRevision")


class KubernetesSource:
    """Finds what the incident is about in the cluster, and reads everything about it at once."""

    name = NAME
    tools: Sequence[Tool] = (
        Tool(
            "kubernetes_object",
            "An object of the cluster as kubectl get -o json shows it, without what may be secret, and its events.",
            {
                "type": "object",
                "properties": {
                    "kind": {"type": "string", "enum": [kind for kind in RESOURCES if kind not in _HIDDEN]},
                    "name": _NAME,
                    "namespace": _NAME,
                },
                "required": ["kind", "name"],
                "additionalProperties": False,
            },
        ),
        Tool(
            "kubernetes_logs",
            "Logs of a container of a pod, optionally of its run before, optionally only lines that contain a text.",
            {
                "type": "object",
                "properties": {
                    "pod": _NAME,
                    "container": _NAME,
                    "namespace": _NAME,
                    "previous": {"type": "boolean"},
                    "minutes_before": {"type": "integer", "minimum": 1, "maximum": 1440},
                    "contains": {"type": "string", "maxLength": 200},
                },
                "required": ["pod", "container"],
                "additionalProperties": False,
            },
        ),
    )

    def __init__(self, cluster: KubernetesCluster, settings: Settings) -> None:
        self._cluster = cluster
        self._seconds = settings.source_timeout_seconds
        self._most_bytes = settings.source_max_bytes * _RAW
        self._log_bytes = min(settings.log_read_bytes, _MOST_LOG_BYTES)

    def first(self, case: CaseFile) -> list[Ask]:
        """Wherever a label says that the target lives in a cluster."""
        return [Ask(source=NAME, what="target")] if subject_of(case) else []

    def wider(self, case: CaseFile) -> list[Ask]:
        """Logs from long before, too."""
        minutes = int(WIDER.total_seconds() // 60)
        subject = subject_of(case)
        further = [Ask(source=NAME, what="target_logs", args={"minutes_before": minutes})]
        return further if subject and subject.namespace else []

    async def answer(self, case: CaseFile, ask: Ask) -> list[Evidence]:
        """Evidence of kinds state, log and history, and apart from it what could not be read."""
        asked = Asked(self._cluster, self._seconds * _SHARE, self._most_bytes)
        found: list[Evidence] = []
        blank = Evidence(source=NAME, kind="state", title="Kubernetes", query=ask.what, window_end=case.now)

        async def work() -> Evidence:
            found.extend(await self._answer(case, ask, asked))
            return blank

        # Asking ends in time by itself; what it gave has to be read.
        tried = await attempt(blank, work(), self._seconds * 2)
        return [*found, *([tried] if tried.error else []), *_gaps(blank, asked)]

    async def _answer(self, case: CaseFile, ask: Ask, asked: Asked) -> list[Evidence]:
        if ask.what == "kubernetes_object" and ask.args["kind"] in _HIDDEN:
            return []
        if ask.what == "kubernetes_object":
            return await described(case, asked, ask.args)
        if ask.what == "kubernetes_logs":
            return await self._named_log(case, asked, ask)
        subject = subject_of(case)
        if subject is None:
            return []
        seen = await find(asked, subject, case.started_at - _OVER)
        if ask.what == "target_logs":
            return await self._logs(case, asked, subject, seen, ask)
        logs = self._logs(case, asked, subject, seen, ask)
        logs, _ = await asyncio.gather(logs, look_around(asked, case, subject, seen))
        return [*await asyncio.to_thread(_read, case, subject, seen, asked), *logs]

    async def _logs(self, case: CaseFile, asked: Asked, subject: Subject, seen: Seen, ask: Ask) -> list[Evidence]:
        minutes = ask.args.get("minutes_before")
        start, end = window(case, timedelta(minutes=float(str(minutes))) if minutes else BEFORE)
        names = [name for _, name in subject.named]
        chosen = voices(seen.pods, names, subject.container, case.started_at - _OVER)
        return await read_logs(asked, chosen, start, end, self._log_bytes)

    async def _named_log(self, case: CaseFile, asked: Asked, ask: Ask) -> list[Evidence]:
        start, end = window(case, timedelta(minutes=float(str(ask.args.get("minutes_before", 15)))))
        namespace = str(ask.args.get("namespace") or case.target.namespace or "default")
        voice = Voice(namespace, str(ask.args["pod"]), str(ask.args["container"]), before=False, score=0)
        previous, contains = bool(ask.args.get("previous")), str(ask.args.get("contains") or "")
        found = await read_run(asked, voice, start, end, self._log_bytes, previous=previous, contains=contains)
        # What another container says is not what the target says.
        return [found.model_copy(update={"data": {**found.data, "own": False}})]


def _read(case: CaseFile, subject: Subject, seen: Seen, asked: Asked) -> list[Evidence]:
    known, query = known_case(case, subject, seen), "\n".join(asked.queries)
    found = state.evidence_of(known, seen.objects, query)
    found += changes_of(known, seen.family.tops, seen.objects, query)
    return [*_way(case, seen, query, any_gap=bool(asked.gaps)), *found]


def _way(case: CaseFile, seen: Seen, query: str, *, any_gap: bool) -> list[Evidence]:
    """How the target was found, and what was named and is not there."""
    lines = list(dict.fromkeys(seen.family.chains))
    lines += [f"there is no {one}" for one in dict.fromkeys(seen.missing)]
    if not lines:
        return []
    nothing = seen.missing and not seen.family.members and not seen.pods and not any_gap
    gone = ", no ".join(dict.fromkeys(seen.missing))
    return [
        Evidence(
            source=NAME,
            kind="state",
            title="What the incident is about in the cluster",
            query=query,
            window_end=case.now,
            summary=f"There is no {gone}." if gone else f"{lines[0]}.",
            content="\n".join(lines),
            data={"absent": case.target.name} if nothing else {},
        )
    ]


def _gaps(blank: Evidence, asked: Asked) -> list[Evidence]:
    if not asked.gaps:
        return []
    title = "Kubernetes: what could not be read"
    update = {"title": title, "query": "kubectl get", "error": "; ".join(asked.gaps), "summary": "No answer."}
    return [blank.model_copy(update=update)]


async def open_source(settings: Settings, http: httpx.AsyncClient, stack: AsyncExitStack) -> Source | str:
    """There when KUBECONFIG is set, or in a pod that has a service account."""
    if not kubernetes_configured(settings):
        return "Kubernetes: not configured"
    cluster = KubernetesCluster(settings)
    stack.push_async_callback(cluster.aclose)
    cluster.prepare()
    return KubernetesSource(cluster, settings)
