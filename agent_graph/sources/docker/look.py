"""One engine asked about one case: which containers, how they are, what they said, what happened to them."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from agent_graph.deps import Ask
from agent_graph.logs.digest import Digest
from agent_graph.sources.asking import Trouble, attempt, window
from agent_graph.sources.docker import evidence as made
from agent_graph.sources.docker.engine import Engine
from agent_graph.sources.docker.evidence import NAME
from agent_graph.sources.docker.kin import Family, Kin, Listed, containers_of_target, family_of, name_of
from agent_graph.sources.docker.logs import read_log
from agent_graph.sources.docker.siblings import Condition, conditions, worth_inspecting
from agent_graph.sources.docker.stats import Stats
from backend.investigation.kinds import CaseFile, Evidence

_MOST_TARGETS = 3
_MOST_SICK = 2
# Ten periods of the scheduler would be a second; half of one shows whether it is held back now.
SAMPLES_APART_SECONDS = 0.5
# Who deployed within the hour before may have caused it.
_EVENTS_BEFORE = timedelta(hours=1)
_LAST_WORDS = "300"


class Look:
    """Asks one engine. Every method answers with evidence, also when the engine does not."""

    def __init__(self, engine: Engine, case: CaseFile, seconds: float) -> None:
        self.engine = engine
        self._case = case
        self._seconds = seconds
        self._listed: list[Listed] = []
        title = "Containers" if engine.kind == "docker" else "Containers of Podman"
        self.listing = Evidence(source=NAME, kind="state", title=title, query="GET /containers/json?all=1")
        self.family = Family([])

    async def find(self) -> Evidence:
        """Lists the containers and finds the target's. The evidence is of use when there is an error."""

        async def read() -> Evidence:
            self._listed = await self.engine.json("/containers/json", all="1")
            await self._add_pods()
            self.family = family_of(containers_of_target(self._listed, self._case)[:_MOST_TARGETS], self._listed)
            return self.listing

        return await attempt(self.listing, read(), self._seconds)

    async def _add_pods(self) -> None:
        """Docker's API knows no pods: Podman's own list says who shares one."""
        if not self.engine.is_podman:
            return
        try:
            pods = await self.engine.json("/v4.0.0/libpod/containers/json", all="true")
        except Trouble:
            return
        known = {str(one.get("Id")): one for one in pods}
        for one in self._listed:
            also = known.get(str(one.get("Id")), {})
            one.update({key: also[key] for key in ("PodName", "IsInfra") if also.get(key)})

    def nothing(self) -> Evidence:
        """The target is not among the containers."""
        names, wanted = sorted(name_of(one) for one in self._listed), self._case.target.name
        return self.listing.model_copy(
            update={
                "summary": f"{self.engine.name} knows {len(names)} containers, none of them is {wanted}.",
                "content": "\n".join(names),
                "data": {"absent": wanted},
                "inventory": names,
            }
        )

    async def everything(self) -> list[Evidence]:
        """All about the target's containers, and those around them."""
        names = self.family.targets
        about, around, events = await asyncio.gather(
            asyncio.gather(*(self._about(name) for name in names)), self._around(), self._events()
        )
        states = [found[0] for found in about]
        sick = [str(one.data["container"]) for one in states if _sick(one)]
        asked, acts = self._asked_siblings(), self.engine.acts
        told = made.siblings(self._case, self.family, around, sick, asked, acts=acts)
        # What the target was declared to need is heard in any case, its neighbours when it is not well itself.
        heard = ("dependency", "sibling") if sick else ("dependency",)
        ill = [one.kin for one in around if one.sick and one.kin.role in heard][:_MOST_SICK]
        logs = await asyncio.gather(*(self._of_kin(kin) for kin in ill))
        return [*(one for found in about for one in found), *events, *told, *logs]

    async def logs_of_targets(self, ask: Ask) -> list[Evidence]:
        return list(await asyncio.gather(*(self.logs(name, ask) for name in self.family.targets)))

    async def _about(self, name: str) -> list[Evidence]:
        inspected: dict[str, Any] = {}
        blank = self._blank_state(name)

        async def look() -> Evidence:
            inspected.update(await self.engine.json(f"/containers/{name}/json"))
            who, acts = self.engine.name, self.engine.acts
            return made.state(self._case, inspected, self._listed, of_target=True, engine=who, acts=acts)

        state, logs, samples = await asyncio.gather(
            attempt(blank, look(), self._seconds), self.logs(name, Ask(source=NAME, what="target")), self._samples(name)
        )
        if isinstance(samples, Evidence):
            return [state, logs, samples]
        if state.error:
            return [state, logs]
        used = made.use(self._case, name, inspected, samples, self._stats_query(name))
        return [state, logs, *used, *made.health(self._case, inspected)]

    def _blank_state(self, name: str) -> Evidence:
        title, query = f"State of container {name}", f"GET /containers/{name}/json"
        return Evidence(source=NAME, kind="state", title=title, query=query, window_end=self._case.now)

    async def inspect(self, name: str) -> Evidence:
        """The state of any container, the target's or not."""

        async def look() -> Evidence:
            inspected = await self.engine.json(f"/containers/{name}/json")
            who, acts = self.engine.name, self.engine.acts
            return made.state(self._case, inspected, [], of_target=False, engine=who, acts=acts)

        return await attempt(self._blank_state(name), look(), self._seconds)

    async def _samples(self, name: str) -> list[Stats] | Evidence:
        """Two samples of a running container; the evidence that says why there are none."""
        if not any(name_of(one) == name and one.get("State") == "running" for one in self._listed):
            return []
        samples: list[Stats] = []

        async def read() -> Evidence:
            await self._sample(name, samples)
            return self._blank_use(name)

        tried = await attempt(self._blank_use(name), read(), self._seconds)
        return tried if tried.error and not samples else samples

    async def _sample(self, name: str, samples: list[Stats]) -> None:
        path, once = f"/containers/{name}/stats", {"stream": "false", "one-shot": "true"}
        samples.append(await self.engine.json(path, **once))
        await asyncio.sleep(SAMPLES_APART_SECONDS)
        samples.append(await self.engine.json(path, **once))

    async def measure(self, name: str) -> Evidence:
        """What any container uses, the target's or not."""
        blank, samples = self._blank_use(name), list[Stats]()

        async def read() -> Evidence:
            inspected = await self.engine.json(f"/containers/{name}/json")
            await self._sample(name, samples)
            used = made.use(self._case, name, inspected, samples, blank.query, of_target=False)
            return used[0] if used else blank.model_copy(update={"summary": f"{name} does not run and uses nothing."})

        return await attempt(blank, read(), self._seconds)

    def _blank_use(self, name: str) -> Evidence:
        title, query = f"Resource use of {name}", self._stats_query(name)
        return Evidence(source=NAME, kind="metric", title=title, query=query, window_end=self._case.now)

    def _stats_query(self, name: str) -> str:
        return f"GET /containers/{name}/stats?stream=false&one-shot=true, twice, {SAMPLES_APART_SECONDS:g} s apart"

    async def _around(self) -> list[Condition]:
        """A sibling that cannot be inspected is told by its line in the list."""
        inspected: dict[str, dict[str, Any]] = {}

        def look(name: str) -> Callable[[], Awaitable[Evidence]]:
            async def read() -> Evidence:
                inspected[name] = await self.engine.json(f"/containers/{name}/json")
                return self.listing

            return read

        asked = worth_inspecting(self.family, self._listed)
        await asyncio.gather(*(attempt(self.listing, look(name)(), self._seconds) for name in asked))
        return conditions(self.family, self._listed, inspected)

    def _asked_siblings(self) -> str:
        asked = [f"GET /containers/{name}/json" for name in worth_inspecting(self.family, self._listed)]
        return "; ".join([self.listing.query, *asked])

    async def _of_kin(self, kin: Kin) -> Evidence:
        found = await self.logs(kin.name, Ask(source=NAME, what="docker_logs", args={"container": kin.name}))
        return found.model_copy(update={"title": f"{found.title} ({kin.role})"})

    async def logs(self, name: str, ask: Ask) -> Evidence:
        """What it said around the start of the trouble, or its last words."""
        start, end = window(self._case, timedelta(minutes=float(str(ask.args.get("minutes_before", 15)))))
        contains = str(ask.args.get("contains") or "")
        program = "podman" if self.engine.is_podman else "docker"
        query = f"{program} logs --timestamps --since {start:%Y-%m-%dT%H:%M:%SZ} {name}"
        query += f" | grep -i {contains!r}" if contains else ""
        title = f"Logs of {name}"
        blank = Evidence(source=NAME, kind="log", title=title, query=query, window_start=start, window_end=end)
        # What another container says is not what the target says.
        whose: dict[str, Any] = {"container": name, **({"own": False} if ask.what == "docker_logs" else {})}

        async def read() -> Evidence:
            found, cut = await self._read_logs(name, contains, since=f"{start.timestamp():.0f}")
            if not found.lines:
                # It may have died long before anybody was told: its last words count whenever they were said.
                found, cut = await self._read_logs(name, contains, tail=_LAST_WORDS)
            told = {"summary": found.summary, "content": found.content, "data": {**found.data, **whose}}
            return blank.model_copy(update={**told, "truncated": cut or found.kept < found.lines})

        return await attempt(blank, read(), self._seconds)

    async def _read_logs(self, name: str, contains: str, **params: str) -> tuple[Digest, bool]:
        inspected = await self.engine.json(f"/containers/{name}/json")
        path, both = f"/containers/{name}/logs", {"stdout": "1", "stderr": "1", "timestamps": "1"}
        raw, cut = await self.engine.get(path, **both, **params)
        # The engine begins at the start; of a log that does not fit, its end is worth more: half as many lines of that.
        end = str(max(100, raw.count(b"\n") // 2))
        more, _ = await self.engine.get(path, **both, tail=end) if cut else (b"", False)
        plain = bool((inspected.get("Config") or {}).get("Tty"))
        return await asyncio.to_thread(read_log, raw, more, contains, plain=plain), cut

    async def _events(self) -> list[Evidence]:
        names, group = self.family.targets, self.family.group
        start, end = window(self._case, _EVENTS_BEFORE)
        chosen = {"label": [f"com.docker.compose.project={self.family.project}"]} if self.family.project else {}
        filters = {"type": ["container"], **(chosen or {"container": names})}
        program, what = "podman" if self.engine.is_podman else "docker", ", ".join(names)
        asked = " ".join(f"--filter {key}={value}" for key, values in filters.items() for value in values)
        blank = Evidence(
            source=NAME,
            kind="event",
            title=f"Engine events of {what}" if not group else f"Engine events of {what} in {group}",
            query=f"{program} events {asked} --since {start:%Y-%m-%dT%H:%M:%SZ}",
            window_start=start,
            window_end=end,
        )
        rows: list[dict[str, Any]] = []

        async def read() -> Evidence:
            # Without an end Docker would go on telling; Podman stops when asked not to stream, and takes no end.
            until = {"stream": "false"} if self.engine.is_podman else {"until": f"{datetime.now(UTC).timestamp():.6f}"}
            since = f"{start.timestamp():.0f}"
            body, _ = await self.engine.get("/events", since=since, filters=json.dumps(filters), **until)
            rows.extend(_rows(body))
            return blank

        tried = await attempt(blank, read(), self._seconds)
        return [tried] if tried.error else made.events(self._case, rows, blank, self.family)


def _rows(body: bytes) -> list[dict[str, Any]]:
    """One object a line; the last may have been cut off."""
    rows: list[dict[str, Any]] = []
    for line in body.splitlines():
        try:
            row: Any = json.loads(line) if line.strip() else None
        except ValueError:
            continue
        if isinstance(row, dict):
            rows.append(row)
    return rows


def _sick(state: Evidence) -> bool:
    """Is the target itself not well? Then what its dependencies say is worth reading."""
    data = state.data
    return not state.error and (not data["running"] or data["health"] == "unhealthy" or data["restart_count"] > 0)


def best(looks: Sequence[Look], runtime: str | None) -> Look | None:
    """The engine that knows the target; of two, the one that runs what the incident is about, or the first."""
    known = [look for look in looks if look.family.targets]
    return min(known, key=lambda look: look.engine.kind != runtime, default=None)
