"""The actions process with a real queue and a hook at the other end of the wire: once, or not at all."""

import asyncio
import os
import sys
import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend.access import Caller
from backend.action import decision
from backend.action.decision import AlreadyDecided
from backend.action.kinds import Proposal
from backend.actor import Actor
from backend.deps import Deps
from backend.errors import NightdeskError
from backend.incident import service as incidents
from tests.action import stage
from tests.actions import until
from tests.actions.conftest import Working
from tests.actions.hook_server import HookServer, hangs, hook_server, says

SOURCE = Actor("source", "monitor")
WORKER = """
import asyncio, sys
from actions import worker
from backend.clock import Clock
from backend.deps import open_deps
from backend.settings import load_settings

async def main():
    async with open_deps(load_settings(), database_url=sys.argv[1], clock=Clock()) as deps:
        await worker.run(deps, asyncio.Event())

asyncio.run(main())
"""


async def draft(live: Deps, server: HookServer, **hook: Any) -> tuple[uuid.UUID, uuid.UUID]:
    """An analyzed incident with a draft that the worker is to prepare. Returns the ids of both."""
    async with live.db.transaction() as session:
        now = live.clock.now()
        await stage.register_hook(session, now, **{"url": server.url, "settle_seconds": 0.5, **hook})
        incident = await stage.analyzed(session, now)
        return incident.id, await stage.drafted(session, incident, now)


async def approve(live: Deps, action_id: uuid.UUID, caller: Caller | None = None) -> None:
    async with live.db.transaction() as session:
        alice = caller or await stage.person(session, "alice@example.org")
        shown = stage.digest(await stage.action_of(session, action_id))
    async with live.db.transaction() as session:
        await decision.approve(session, action_id, alice, shown, "", live.clock.now())


async def recover(live: Deps, incident_id: uuid.UUID) -> None:
    async with live.db.transaction() as session:
        await incidents.recover(session, incident_id, SOURCE, live.clock.now(), message="It is up.")


async def alert(live: Deps, incident_id: uuid.UUID) -> None:
    """A resolved alert behind the incident: something that can say whether it is over."""
    async with live.db.transaction() as session:
        await session.execute(
            text(
                "insert into public.alerts (team_id, incident_id, source, fingerprint, status, severity, name,"
                " starts_at) select team_id, id, 'test', 'f', 'resolved', 'high', 'OrdersDown', now()"
                " from public.incidents where id = :id"
            ),
            {"id": incident_id},
        )


async def execution_of(live: Deps, action_id: uuid.UUID) -> tuple[int, str | None]:
    async with live.db.transaction() as session:
        query = text("select attempts, outcome from public.action_executions where action_id = :id")
        row = (await session.execute(query, {"id": action_id})).one()
        return row.attempts, row.outcome


async def test_from_draft_to_resolved(live: Deps, working: Working):
    async with hook_server(says(200, b"restarted")) as server, working():
        incident_id, action_id = await draft(live, server)
        await alert(live, incident_id)
        await until.action_is(live, action_id, "proposed")
        await approve(live, action_id)
        await until.incident_is(live, incident_id, "verifying")
        await recover(live, incident_id)
        await until.incident_is(live, incident_id, "resolved")
        assert len(server.requests) == 1
    assert await execution_of(live, action_id) == (1, "succeeded")
    async with live.db.transaction() as session:
        action = await stage.action_of(session, action_id)
        incident = await incidents.lock(session, incident_id)
        assert (action.verification, incident.verification) == ("recovered", "recovered")
        assert incident.action_result == "HTTP 200: restarted"
        left = await session.execute(
            text("select count(*) from jobs.procrastinate_jobs where task_name like '%action'")
        )
        # Only the expiry, which will find nothing to do.
        assert left.scalar_one() == 1


async def test_a_hundred_approvals_make_one_execution(live: Deps, working: Working):
    async with hook_server(says(200)) as server:
        async with working():
            incident_id, action_id = await draft(live, server)
            await until.action_is(live, action_id, "proposed")
            async with live.db.transaction() as session:
                people = [await stage.person(session, f"p{n}@example.org") for n in range(100)]
            told = await asyncio.gather(*(approve(live, action_id, p) for p in people), return_exceptions=True)
            await until.incident_is(live, incident_id, "analyzed")
    refused = [answer for answer in told if answer is not None]
    assert len(refused) == 99
    assert all(isinstance(answer, AlreadyDecided) for answer in refused)
    first = {str(answer.extra["decision"]["who"]) for answer in refused if isinstance(answer, AlreadyDecided)}
    assert len(first) == 1
    assert len(server.requests) == 1
    assert await execution_of(live, action_id) == (1, "succeeded")


async def test_a_hundred_jobs_for_one_approval_make_one_execution(live: Deps, working: Working):
    async with hook_server(says(200)) as server:
        async with working():
            incident_id, action_id = await draft(live, server)
            await until.action_is(live, action_id, "proposed")
        await approve(live, action_id)
        async with live.db.transaction() as session:
            for _ in range(99):
                await session.execute(
                    text(
                        "insert into jobs.procrastinate_jobs (queue_name, task_name, args)"
                        " select queue_name, task_name, args from jobs.procrastinate_jobs"
                        " where task_name = 'execute_action' limit 1"
                    )
                )
        async with working(), working():
            await until.incident_is(live, incident_id, "analyzed")
    # Two deliveries at once: the second finds an execution without an outcome and must not repeat it.
    assert len(server.requests) == 1


@pytest.mark.parametrize("turn", range(8))
async def test_approval_expiry_and_recovery_race_to_one_end(live: Deps, turn: int):
    async with live.db.transaction() as session:
        start = live.clock.now() - timedelta(seconds=live.settings.proposal_ttl_seconds - 0.001)
        incident, action = await stage.proposed(session, live.settings, start)
        alice, bob = [await stage.person(session, f"{name}@example.org") for name in ("alice", "bob")]
        incident_id, action_id, shown = incident.id, action.id, stage.digest(action)

    async def does(what: str) -> None:
        async with live.db.transaction() as session:
            # The approval is in time, by a hair; the expiry comes right after it.
            if what == "approve":
                await decision.approve(session, action_id, alice, shown, "", start)
            elif what == "reject":
                await decision.reject(session, action_id, bob, shown, "", start)
            elif what == "expire":
                await decision.expire(session, action_id, live.clock.now())
            else:
                await incidents.recover(session, incident_id, SOURCE, live.clock.now(), message="It is up.")

    orders = [["approve", "expire", "recover", "reject"], ["expire", "recover", "reject", "approve"]]
    told = await asyncio.gather(*(does(what) for what in orders[turn % 2]), return_exceptions=True)
    assert all(answer is None or isinstance(answer, NightdeskError) for answer in told), told
    async with live.db.transaction() as session:
        status = (await stage.action_of(session, action_id)).status
        incident = await incidents.lock(session, incident_id)
        jobs = await stage.waiting_jobs(session, action_id)
    assert (status == "approved") == ("execute_action" in jobs)
    assert incident.status == {"approved": "executing_solution"}.get(status, "resolved")
    assert status in ("approved", "rejected", "expired", "withdrawn")


async def test_a_hook_that_changed_after_the_approval_is_not_called(live: Deps, working: Working):
    async with hook_server(says(200)) as server:
        async with working():
            incident_id, action_id = await draft(live, server)
            await until.action_is(live, action_id, "proposed")
        await approve(live, action_id)
        async with live.db.transaction() as session:
            await session.execute(text("update public.runbook_hooks set url = url || '/other'"))
        async with working():
            await until.action_is(live, action_id, "stale")
    assert server.requests == []
    await until.incident_is(live, incident_id, "investigating")


async def test_an_expired_proposal_is_ended_by_its_own_job(live: Deps, working: Working):
    async with live.db.transaction() as session:
        start = live.clock.now() - timedelta(seconds=live.settings.proposal_ttl_seconds - 1)
        incident, action = await stage.proposed(session, live.settings, start)
    async with working():
        await until.action_is(live, action.id, "expired")
    await until.incident_is(live, incident.id, "analyzed")


async def test_without_a_docker_engine_its_kinds_are_advice(live: Deps, working: Working):
    wanted = Proposal(kind="docker.start_container", params={"container": "x"}, target="x", rationale="", evidence=[])
    async with live.db.transaction() as session:
        incident = await stage.analyzed(session, live.clock.now(), source_type="container")
        action_id = await stage.drafted(session, incident, live.clock.now(), wanted)
    async with working():
        await until.action_is(live, action_id, "advice")


@pytest.mark.parametrize(("idempotent", "calls", "outcome"), [(False, 1, (1, "unknown")), (True, 2, (2, "succeeded"))])
async def test_a_worker_killed_during_the_call(
    live: Deps, working: Working, idempotent: bool, calls: int, outcome: tuple[int, str]
):
    async with hook_server(hangs) as server:
        incident_id, action_id = await draft(live, server, idempotent=idempotent, timeout_seconds=120.0)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WORKER, live.db.url, env={**os.environ, "PYTHONPATH": "."}
        )
        try:
            await until.action_is(live, action_id, "proposed")
            await approve(live, action_id)
            await asyncio.wait_for(server.arrived.wait(), 30)
        finally:
            process.kill()
            await process.wait()
        assert await execution_of(live, action_id) == (1, None)
        server.answer = says(200)
        async with working():
            # Found again when the dead worker has been silent for long enough.
            await until.action_is(live, action_id, "unknown", "succeeded", seconds=40)
            await until.incident_is(live, incident_id, "analyzed")
        assert len(server.requests) == calls
        assert {request.headers["idempotency-key"] for request in server.requests} == {str(action_id)}
    assert await execution_of(live, action_id) == outcome
    async with live.db.transaction() as session:
        assert (await incidents.lock(session, incident_id)).needs_person
