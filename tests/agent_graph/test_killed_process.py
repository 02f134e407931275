"""kill -9 of real agent processes at every node: the report is the same, and no answer of the model is paid for twice.

One kill meets every node at once: each incident is held at its own place, by a lock in the database where the step is
written down, or at the wire where the model is asked. Then all agents die, and their successors finish.
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from agent_graph.graph import NODES
from agent_graph.worker import CONCURRENCY
from backend.db import psycopg_url
from backend.deps import Deps
from tests.agent_graph import stage
from tests.fakes.loki import fake_loki
from tests.fakes.openai import call, fake_openai, quoting
from tests.support.clock import MovableClock

PATIENCE = 80.0
IN_FLIGHT = "consult, with its call in flight"
# Where each incident is held: the step's key and what it is about to become.
PLACES: dict[str, tuple[str, str]] = {
    "triage": ("triage", "running"),
    "gather": ("gather loki", "running"),
    "gather, with its answers stored": ("gather loki", "done"),
    "analyse": ("analyse 1", "running"),
    "consult": ("consult 1", "running"),
    "consult, with its answer kept": ("consult 1", "done"),
    "consult, with its last answer kept": ("consult 2", "done"),
    "look": ("look 1.1", "running"),
    "verify_claims": ("verify_claims", "running"),
    "propose": ("propose", "running"),
    "report": ("report", "running"),
}
AGENTS = -(-(len(PLACES) + 1) // CONCURRENCY)
LINE = "RuntimeError: ledger checksum mismatch in segment 17"
LOCK = 7_305_190_777
HOLD = (
    "create table public.held (incident_id uuid, key text, status text);"
    " create function public.hold() returns trigger language plpgsql as $$ begin"
    " if exists (select from public.held h where h.incident_id = new.incident_id and h.key = new.key"
    f" and h.status = new.status) then perform pg_advisory_xact_lock_shared({LOCK}); end if; return new; end $$;"
    " create trigger hold before insert or update on public.investigation_steps"
    " for each row execute function public.hold()"
)


@pytest.fixture
def clock() -> MovableClock:
    """The processes read the real time."""
    return MovableClock()


def test_every_node_is_among_the_places():
    assert set(NODES) <= {place.partition(",")[0] for place in PLACES}


class Model:
    """Asks one question, then concludes; the first call of a held incident is never answered."""

    def __init__(self) -> None:
        self.held = ""
        self.calls: Counter[str] = Counter()
        self.asked = threading.Event()
        self.open = threading.Event()

    def __call__(self, asked: dict[str, Any]) -> Any:
        brief = asked["messages"][1]["content"]
        title = next(place for place in (*PLACES, IN_FLIGHT, "undisturbed") if f'"title":"{place} is down"' in brief)
        self.calls[title] += 1
        if title == self.held and self.calls[title] == 1:
            self.asked.set()
            self.open.wait(PATIENCE * 2)
        if not any(message["role"] == "tool" for message in asked["messages"]):
            return call("loki_search", {"contains": "ledger"})
        return quoting("app_crash", "The ledger's checksum did not match.", LINE, "connection refused")(asked)


@pytest.mark.timeout(240)
async def test_killed_at_every_node(deps: Deps, tmp_path: Path):
    model = Model()
    with fake_openai() as endpoint, fake_loki() as loki, ExitStack() as last:
        last.callback(model.open.set)
        endpoint.turns, model.held = [model], IN_FLIGHT
        moment = deps.clock.now() - timedelta(minutes=5)
        loki.add(
            {"service": "shop"}, (moment, f"Traceback (most recent call last):\n{LINE}"), (moment, f"FATAL {LINE}")
        )
        await set_up(deps)
        incidents = {place: await opened(deps, place) for place in ("undisturbed", IN_FLIGHT, *PLACES)}
        await hold(deps, incidents)
        environment = {
            "DATABASE_URL": deps.db.url,
            "LOKI_URL": loki.url,
            "OPENAI_API_KEY": "sk-test",
            "OPENAI_BASE_URL": endpoint.url,
            "DOCKER_HOST": f"unix://{tmp_path}/none.sock",
            "NIGHTDESK_DATA_DIR": str(tmp_path / "data"),
            "NIGHTDESK_LLM_TIMEOUT_SECONDS": str(PATIENCE),
            "PATH": os.environ["PATH"],
        }
        log = tmp_path / "agents.log"
        async with locked(deps):
            with agents(AGENTS, environment, log) as first:
                await until(lambda: all_held(deps, model), log)
                for agent in first:
                    os.kill(agent.pid, signal.SIGKILL)
        model.open.set()
        await stage.rows(deps, "delete from public.held returning 1")
        with agents(1, environment, log):
            await until(lambda: all_concluded(deps), log)
    await assert_same(deps, incidents, model)


async def set_up(deps: Deps) -> None:
    async with await psycopg.AsyncConnection.connect(psycopg_url(deps.db.url), autocommit=True) as connection:
        await connection.execute(HOLD.encode())


async def opened(deps: Deps, place: str) -> uuid.UUID:
    monitor = await stage.add_monitor(deps, "up", "down", "down", "down")
    labels = {"service": "shop"}
    return await stage.open_incident(
        deps, "shop", title=f"{place} is down", labels=labels, monitor_id=monitor, source_type="monitor",
        container_runtime=None,
    )  # fmt: skip


async def hold(deps: Deps, incidents: dict[str, uuid.UUID]) -> None:
    for place, (key, status) in PLACES.items():
        await stage.rows(
            deps,
            "insert into public.held values (:incident, :key, :status) returning 1",
            incident=incidents[place],
            key=key,
            status=status,
        )


@asynccontextmanager
async def locked(deps: Deps) -> AsyncGenerator[None]:
    async with await psycopg.AsyncConnection.connect(psycopg_url(deps.db.url), autocommit=True) as connection:
        await connection.execute("select pg_advisory_lock(%s)", (LOCK,))
        yield


class agents(ExitStack):
    """That many agent processes; none is left at the end."""

    def __init__(self, count: int, environment: dict[str, str], log: Path) -> None:
        super().__init__()
        self._count, self._environment, self._log = count, environment, log

    def __enter__(self) -> Any:
        super().__enter__()
        return [self._start() for _ in range(self._count)]

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "backend.cli", "worker", "agent"]
        out = self.enter_context(self._log.open("ab"))
        agent = subprocess.Popen(command, env=self._environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.callback(agent.wait)
        self.callback(agent.kill)
        return agent


async def until(look: Any, log: Path) -> None:
    loop = asyncio.get_running_loop()
    ends = loop.time() + PATIENCE
    while not await look():
        assert loop.time() < ends, await asyncio.to_thread(log.read_text)
        await asyncio.sleep(0.1)


async def all_held(deps: Deps, model: Model) -> bool:
    """Everybody is at the place where they are to die, and whoever is not disturbed has ended."""
    waiting = await stage.rows(
        deps,
        "select count(*) as n from pg_locks where locktype = 'advisory' and not granted"
        f" and (classid::bigint << 32) + objid::bigint = {LOCK}",
    )
    done = await stage.rows(deps, "select 1 from investigations where status = 'done'")
    return waiting[0].n == len(PLACES) and model.asked.is_set() and len(done) == 1


async def all_concluded(deps: Deps) -> bool:
    left = await stage.rows(deps, "select count(*) as n from incidents where status in ('detected', 'investigating')")
    return left[0].n == 0


async def assert_same(deps: Deps, incidents: dict[str, uuid.UUID], model: Model) -> None:
    """One round each, the same report and evidence, and the calls of an undisturbed run.

    The call that was in flight is asked once more: nobody can know whether it would have been answered.
    """
    rounds = await stage.rows(deps, "select incident_id, status, report from investigations")
    titles = await evidence_titles(deps)
    reports = {row.incident_id: named(row.report, titles[row.incident_id]) for row in rounds}
    assert [row.status for row in rounds] == ["done"] * len(incidents)
    expected = reports[incidents["undisturbed"]]
    assert (expected["analyst"], expected["category"]) == ("llm", "app_crash"), expected
    assert {place: reports[incident] for place, incident in incidents.items()} == dict.fromkeys(incidents, expected)
    assert model.calls == {place: 3 if place == IN_FLIGHT else 2 for place in incidents}
    exchanges = await stage.rows(deps, "select incident_id, count(*) as n from model_exchanges group by 1")
    assert {row.incident_id: row.n for row in exchanges} == dict.fromkeys(incidents.values(), 2)
    billed = await stage.rows(deps, "select incident_id, status from model_calls where status <> 'answered'")
    assert [(row.incident_id, row.status) for row in billed] == [(incidents[IN_FLIGHT], "asked")]
    seen = {incident: sorted(found.values()) for incident, found in titles.items()}
    assert seen == dict.fromkeys(incidents.values(), seen[incidents["undisturbed"]])
    steps = await stage.rows(deps, "select 1 from investigation_steps where status = 'running'")
    assert not steps


async def evidence_titles(deps: Deps) -> dict[uuid.UUID, dict[str, str]]:
    """What each label stands for: sources answer in any order, so the labels differ from run to run.

    Left out is what is remembered of other incidents: that depends on which of them have ended.
    """
    titles: dict[uuid.UUID, dict[str, str]] = {}
    query = "select incident_id, label, title from evidence where kind <> 'memory' order by title, label"
    for row in await stage.rows(deps, query):
        known = titles.setdefault(row.incident_id, {})
        known[row.label] = f"{row.title} {sum(title.startswith(row.title) for title in known.values())}"
    return titles


def named(report: dict[str, Any], titles: dict[str, str]) -> dict[str, Any]:
    """The report with titles in the place of labels."""
    text = re.sub(r"\bE\d+\b", lambda match: titles.get(match[0], "remembered"), json.dumps(report, sort_keys=True))
    told = json.loads(text)
    return {**told, "missing": sorted(told["missing"])}
