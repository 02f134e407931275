"""The agent's jobs on a real database: one round, one report, one draft; taken up after a crash, never done twice."""

import uuid
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from agent_graph import worker
from agent_graph.checkpoints import saver
from agent_graph.deps import Ask, Tool
from agent_graph.graph import NODES
from agent_graph.investigator import Investigator
from agent_graph.sources.registry import Sources
from agent_graph.worker import Parts, investigate
from backend import jobs
from backend.deps import Deps
from backend.errors import Unavailable
from backend.investigation import lease, rules, service
from backend.investigation.kinds import CaseFile, Evidence, Exchange, Step
from tests.agent_graph import stage
from tests.agent_graph.cases import container, logs
from tests.fakes.openai import OpenAI, call, fake_openai, quoting

CRASH = ("INFO serving", "ERROR unhandled: ValueError: bad order 7", "FATAL giving up: ValueError: bad order 7")


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours may catch it."""


@dataclass
class Scripted:
    """A source with fixed answers that counts its questions; it can die before it answers."""

    name: str
    found: list[Evidence]
    asked: list[Ask] = field(default_factory=list)
    dies: bool = False
    tools: Sequence[Tool] = (
        Tool("docker_inspect", "State.", {"type": "object", "properties": {"container": {"type": "string"}}}),
    )

    def first(self, case: CaseFile) -> list[Ask]:
        return [Ask(source=self.name, what="target")]

    def wider(self, case: CaseFile) -> list[Ask]:
        return []

    async def answer(self, case: CaseFile, ask: Ask) -> list[Evidence]:
        if self.dies:
            self.dies = False
            raise Killed
        self.asked.append(ask)
        return [e.model_copy(update={"label": "", "query": f"{e.query} {ask.what}"}) for e in self.found]


def crashed() -> dict[str, Scripted]:
    return {
        "docker": Scripted("docker", [container(ExitCode=1)]),
        "loki": Scripted("loki", [logs(*CRASH)]),
    }


def with_sources(parts: Parts, sources: dict[str, Scripted], absent: Sequence[str] = ()) -> Parts:
    known: Any = sources
    return replace(
        parts, investigator=Investigator(parts.investigator.settings, Sources(known, list(absent)), parts.model)
    )


@pytest.fixture
async def agent(deps: Deps) -> AsyncGenerator[tuple[Deps, Parts]]:
    async with stage.agent(deps, docker_host="unix:///nowhere") as opened:
        yield opened


async def test_an_investigation_ends_with_evidence_hypotheses_and_a_draft(agent: tuple[Deps, Parts]):
    deps, parts = agent
    incident_id = await stage.open_incident(deps)
    await investigate(deps, incident_id=str(incident_id), hint=None, parts=with_sources(parts, crashed()))

    incident = await stage.incident(deps, incident_id)
    assert (incident.status, incident.verdict, incident.incident_type) == ("analyzed", "incident", "app_crash")
    assert (incident.confidence, incident.analyst, incident.investigation_round) == ("confirmed", "rules", 1)
    assert "ValueError: bad order 7" in (incident.root_cause or "")
    assert "FATAL giving up" in (incident.logs or "")
    labels = [row.label for row in await stage.rows(deps, "select label from evidence order by label")]
    assert labels == ["E1", "E2"]
    actions = await stage.rows(deps, "select kind, target, status, evidence from actions")
    assert [(a.kind, a.target, a.status) for a in actions] == [("docker.start_container", "web", "drafted")]
    assert set(actions[0].evidence) <= {"E1", "E2"}
    verbs = [row.verb for row in await stage.rows(deps, "select verb from incident_events order by seq")]
    assert verbs == ["detect", "investigate", "conclude"]


async def test_nothing_of_a_finished_run_stays_in_the_checkpoints(agent: tuple[Deps, Parts]):
    deps, parts = agent
    incident_id = await stage.open_incident(deps)
    await investigate(deps, incident_id=str(incident_id), parts=with_sources(parts, crashed()))
    for table in ("checkpoints", "checkpoint_blobs", "checkpoint_writes"):
        assert (await stage.rows(deps, f"select count(*) as n from langgraph.{table}"))[0].n == 0


async def test_a_browser_cannot_read_the_checkpoints(agent: tuple[Deps, Parts]):
    deps, _ = agent
    for role in ("anon", "authenticated"):
        allowed = await stage.rows(deps, "select has_schema_privilege(:role, 'langgraph', 'USAGE') as may", role=role)
        assert not allowed[0].may


async def test_the_same_job_again_changes_nothing(agent: tuple[Deps, Parts]):
    deps, parts = agent
    incident_id = await stage.open_incident(deps)
    sources = crashed()
    for _ in range(2):
        await investigate(deps, incident_id=str(incident_id), parts=with_sources(parts, sources))
    assert len(sources["docker"].asked) == 1
    assert (await stage.rows(deps, "select count(*) as n from investigations"))[0].n == 1


class _Interrupting:
    """The notebook of a process that is killed when a step begins, or right after something was kept."""

    def __init__(self, inner: Any, at: str) -> None:
        self._inner, self._at = inner, at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def add(self, found: Sequence[Evidence]) -> list[Evidence]:
        stored = await self._inner.add(found)
        if self._at == "after storing":
            raise Killed
        return stored

    async def keep(self, call_id: uuid.UUID, exchange: Exchange) -> None:
        await self._inner.keep(call_id, exchange)
        if self._at == f"after answer {exchange.number}":
            raise Killed

    async def note(self, *steps: Step) -> None:
        if any(step.key == self._at and step.status == "running" for step in steps):
            raise Killed
        await self._inner.note(*steps)


STEPS = {
    "triage": "triage",
    "gather": "gather loki2",
    "gather, after its answers were stored": "after storing",
    "analyse": "analyse 1",
    "consult": "consult 1",
    "consult, after its answer was kept": "after answer 1",
    "consult, after its last answer was kept": "after answer 2",
    "look": "look 1.1",
    "verify_claims": "verify_claims",
    "propose": "propose",
    "report": "report",
}


def test_every_node_is_killed_once():
    assert set(NODES) <= set(STEPS)


@pytest.mark.parametrize("step", STEPS)
async def test_killed_at_any_node_it_ends_in_the_same_report_without_asking_twice(deps: Deps, step: str):
    with fake_openai() as model:
        model.turns = [
            call("docker_inspect", {"container": "web"}),
            quoting("app_crash", "An order without a total crashed it.", "FATAL giving up: ValueError: bad order 7"),
        ]
        settings = stage_settings(model)
        async with stage.agent(deps, **settings) as (own, parts):
            sources = {**crashed(), "loki2": Scripted("loki2", [])}
            parts = with_sources(parts, sources)
            incident_id = await stage.open_incident(own)
            await kill_at(own, parts, incident_id, STEPS[step])
            own.clock.advance(seconds=rules.LEASE.total_seconds() + 1)  # pyright: ignore[reportAttributeAccessIssue]
            await investigate(own, incident_id=str(incident_id), parts=parts)

            incident = await stage.incident(own, incident_id)
            assert (incident.status, incident.analyst, incident.incident_type) == ("analyzed", "llm", "app_crash")
            assert incident.root_cause == "An order without a total crashed it."
            labels = [row.label for row in await stage.rows(own, "select label from evidence order by label")]
            assert labels == ["E1", "E2", "E3"]
            if step != "gather, after its answers were stored":
                assert [len(sources[name].asked) for name in ("docker", "loki")] == [2, 1]
            assert len(model.requests) == 2
            assert (await stage.rows(own, "select count(*) as n from actions"))[0].n == 1


def stage_settings(model: OpenAI) -> dict[str, Any]:
    from pydantic import SecretStr

    return {
        "docker_host": "unix:///nowhere",
        "openai_api_key": SecretStr("sk-test"),
        "openai_base_url": f"{model.url}/v1",
    }


async def kill_at(deps: Deps, parts: Parts, incident_id: uuid.UUID, step: str) -> None:
    """What a killed process leaves behind: a lease that is not given back, and its last checkpoint."""
    async with deps.db.transaction() as session:
        opened = await service.open_case(session, incident_id, "dead", deps.clock.now())
    assert isinstance(opened, CaseFile)
    notebook = _Interrupting(worker.DatabaseNotebook(deps, opened.investigation_id, "dead"), step)
    with pytest.raises(Killed):
        await parts.investigator.investigate(opened, notebook, saver(parts.checkpoints))


async def test_a_live_lease_keeps_others_away_and_the_job_comes_back(agent: tuple[Deps, Parts]):
    deps, parts = agent
    incident_id = await stage.open_incident(deps)
    async with deps.db.transaction() as session:
        await service.open_case(session, incident_id, "alive", deps.clock.now())
    with pytest.raises(Unavailable):
        await investigate(deps, incident_id=str(incident_id), parts=parts)


async def test_a_late_worker_cannot_record(agent: tuple[Deps, Parts]):
    deps, parts = agent
    incident_id = await stage.open_incident(deps)
    async with deps.db.transaction() as session:
        late = await service.open_case(session, incident_id, "late", deps.clock.now())
    assert isinstance(late, CaseFile)
    report = await parts.investigator.investigate(
        late, worker.DatabaseNotebook(deps, late.investigation_id, "late"), None
    )
    deps.clock.advance(minutes=1)  # pyright: ignore[reportAttributeAccessIssue]
    await investigate(deps, incident_id=str(incident_id), parts=with_sources(parts, crashed()))
    with pytest.raises(lease.LeaseLost):
        async with deps.db.transaction() as session:
            await service.record(session, late.investigation_id, "late", report, deps.clock.now())
    assert (await stage.incident(deps, incident_id)).incident_type == "app_crash"


async def test_closed_while_it_was_investigated_it_stays_closed_and_keeps_the_report(agent: tuple[Deps, Parts]):
    deps, parts = agent
    incident_id = await stage.open_incident(deps)
    async with deps.db.transaction() as session:
        opened = await service.open_case(session, incident_id, "me", deps.clock.now())
    assert isinstance(opened, CaseFile)
    await stage.close(deps, incident_id)
    notebook = worker.DatabaseNotebook(deps, opened.investigation_id, "me")
    report = await with_sources(parts, crashed()).investigator.investigate(opened, notebook, None)
    async with deps.db.transaction() as session:
        await service.record(session, opened.investigation_id, "me", report, deps.clock.now())

    assert (await stage.incident(deps, incident_id)).status == "resolved"
    kept = (await stage.rows(deps, "select status, report is not null as kept from investigations"))[0]
    assert (kept.status, kept.kept) == ("done", True)
    assert not await stage.rows(deps, "select 1 from actions")


async def test_after_the_last_attempt_a_person_is_asked(agent: tuple[Deps, Parts]):
    deps, _ = agent
    incident_id = await stage.open_incident(deps)
    await worker.give_up_investigation(deps, incident_id=str(incident_id), error="boom")
    incident = await stage.incident(deps, incident_id)
    assert incident.status == "analyzed"
    assert incident.needs_person


async def test_a_reopened_incident_is_investigated_afresh(agent: tuple[Deps, Parts]):
    deps, parts = agent
    incident_id = await stage.open_incident(deps)
    async with deps.db.transaction() as session:
        await service.open_case(session, incident_id, "dead", deps.clock.now())
    await stage.close(deps, incident_id)
    async with deps.db.transaction() as session:
        from backend.incident import service as incidents

        await incidents.command(session, incident_id, "reopen", stage.SOURCE, deps.clock.now())
    deps.clock.advance(minutes=1)  # pyright: ignore[reportAttributeAccessIssue]
    await investigate(deps, incident_id=str(incident_id), parts=with_sources(parts, crashed()))
    found = await stage.rows(deps, "select round, status from investigations order by round")
    assert [(row.round, row.status) for row in found] == [(1, "superseded"), (2, "done")]


async def test_nothing_configured_still_ends_and_says_what_was_missing(deps: Deps, tmp_path: Path):
    async with stage.agent(deps, docker_host=f"unix://{tmp_path}/none.sock") as (own, parts):
        incident_id = await stage.open_incident(own)
        await investigate(own, incident_id=str(incident_id), parts=parts)
        incident = await stage.incident(own, incident_id)
        assert (incident.status, incident.verdict) == ("analyzed", "inconclusive")
        assert incident.needs_person
        missing = (await stage.rows(own, "select report -> 'missing' as missing from investigations"))[0].missing
        assert {"Loki: not configured", "Prometheus: not configured"} <= set(missing)
        assert any("cannot be reached" in item for item in missing)


async def test_the_queue_hands_the_job_to_the_agent(deps: Deps):
    import asyncio

    incident_id = await stage.open_incident(deps)
    stop = asyncio.Event()
    working = asyncio.create_task(worker.run(deps, stop))
    async with asyncio.timeout(30):
        while (await stage.incident(deps, incident_id)).status != "analyzed":
            assert not working.done()
            await asyncio.sleep(0.05)
    stop.set()
    await working
    assert jobs.INVESTIGATE.queue == "agent"
