"""Claim and record: a due check is made once, a flip is one incident, a lost lease records nothing."""

import asyncio
import uuid
from datetime import timedelta

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.actor import Actor
from backend.deps import Deps
from backend.incident import service as incident_service
from backend.monitor import checking, service
from backend.monitor.model import MonitorCheck
from tests.monitor.stage import NOW, WORKER, check, fresh, incidents, monitor_of, seen

ALICE = Actor("person", "alice@example.org", uuid.uuid4())
MINUTE = timedelta(minutes=1)


async def test_down_after_the_threshold_opens_one_incident_that_begins_with_the_first_failure(session: AsyncSession):
    monitor = await monitor_of(session)
    await check(session, "up", NOW)
    first_failure = NOW + MINUTE * 2
    await check(session, "down", first_failure)
    assert await incidents(session) == []
    second = (await fresh(session, monitor)).next_check_at
    assert second - first_failure == timedelta(seconds=6), "a failure is confirmed soon"
    await check(session, "down", second)
    (opened,) = await incidents(session)
    assert (opened.title, opened.target, opened.source_type, opened.severity) == (
        "shop is down: HTTP 503, expected 200-299",
        "shop",
        "monitor",
        "high",
    )
    assert (opened.monitor_id, opened.fingerprint) == (monitor.id, f"monitor:{monitor.id}")
    assert opened.started_at == first_failure
    for minute in range(4, 9):
        await check(session, "down", NOW + MINUTE * minute)
    assert len(await incidents(session)) == 1
    assert (await fresh(session, monitor)).consecutive_failures == 7


async def test_up_after_the_threshold_resolves_it(session: AsyncSession):
    monitor = await monitor_of(session, failure_threshold=1)
    await check(session, "down", NOW)
    await check(session, "up", NOW + MINUTE)
    assert (await fresh(session, monitor)).status == "down"
    assert (await incidents(session))[0].firing
    await check(session, "up", NOW + MINUTE * 2)
    (over,) = await incidents(session)
    assert (over.status, over.firing, over.resolved_by) == ("resolved", False, "shop")
    up = await fresh(session, monitor)
    assert (up.status, up.last_error, up.consecutive_failures) == ("up", None, 0)
    assert up.last_up_at == NOW + MINUTE * 2


async def test_the_next_outage_is_the_next_incident(session: AsyncSession):
    await monitor_of(session, failure_threshold=1, recovery_threshold=1)
    for number, status in enumerate(("down", "up", "down", "up", "down")):
        await check(session, status, NOW + MINUTE * 2 * number)
    assert [i.status for i in await incidents(session)] == ["resolved", "resolved", "detected"]


async def test_our_own_trouble_opens_nothing_and_forgets_nothing(session: AsyncSession):
    monitor = await monitor_of(session, failure_threshold=1)
    for minute in range(5):
        await check(session, "unknown", NOW + MINUTE * minute)
    assert (await fresh(session, monitor)).status == "unknown"
    assert await incidents(session) == []
    await check(session, "down", NOW + MINUTE * 6)
    await check(session, "unknown", NOW + MINUTE * 7)
    assert (await fresh(session, monitor)).status == "down"
    assert (await incidents(session))[0].firing


async def test_an_incident_that_failed_is_resolved_when_its_monitor_is_up(session: AsyncSession):
    await monitor_of(session, failure_threshold=1, recovery_threshold=1)
    await check(session, "down", NOW)
    await session.execute(text("update incidents set status = 'failed'"))
    await check(session, "up", NOW + MINUTE)
    assert [i.status for i in await incidents(session)] == ["resolved"]


async def test_while_an_action_is_verified_the_recovery_is_only_noted(session: AsyncSession):
    await monitor_of(session, failure_threshold=1, recovery_threshold=1)
    await check(session, "down", NOW)
    await session.execute(text("update incidents set status = 'verifying'"))
    await check(session, "up", NOW + MINUTE)
    (waiting,) = await incidents(session)
    assert (waiting.status, waiting.firing) == ("verifying", False)


async def test_a_person_who_resolves_it_too_early_is_not_asked_again_for_the_same_outage(session: AsyncSession):
    await monitor_of(session, failure_threshold=1)
    await check(session, "down", NOW)
    await incident_service.command(session, (await incidents(session))[0].id, "resolve", ALICE, NOW)
    await check(session, "down", NOW + MINUTE * 2)
    assert len(await incidents(session)) == 1


async def test_what_was_seen_is_stored_with_its_detail(session: AsyncSession):
    monitor = await monitor_of(session)
    await check(session, "down", NOW, status_code=503, detail="pool exhausted")
    row = (await session.execute(select(MonitorCheck).where(MonitorCheck.monitor_id == monitor.id))).scalar_one()
    assert (row.status, row.status_code, row.response_time_ms, row.details) == (
        "down",
        503,
        12,
        {"detail": "pool exhausted"},
    )
    assert row.team_id == monitor.team_id


async def test_a_claimed_check_is_nobody_elses(session: AsyncSession):
    await monitor_of(session)
    assert len(await checking.claim(session, "one", 10, NOW)) == 1
    assert await checking.claim(session, "two", 10, NOW) == []
    assert await checking.next_due(session, NOW) is None


async def test_the_lease_of_a_killed_worker_runs_out_and_its_late_result_is_dropped(session: AsyncSession):
    monitor = await monitor_of(session)
    (lost,) = await checking.claim(session, "killed", 10, NOW)
    later = NOW + timedelta(seconds=monitor.timeout_seconds + 11)
    (again,) = await checking.claim(session, "two", 10, later)
    assert await checking.record(session, [seen(lost, "down", later)], "killed", later) == []
    assert len(await checking.record(session, [seen(again, "up", later)], "two", later)) == 1
    assert await checking.record(session, [seen(again, "up", later)], "two", later) == [], "counted once"
    checks = (await session.execute(select(MonitorCheck))).scalars().all()
    assert [c.status for c in checks] == ["up"]


async def test_a_stopping_worker_gives_its_leases_back(session: AsyncSession):
    await monitor_of(session)
    await checking.claim(session, WORKER, 10, NOW)
    await checking.release(session, WORKER)
    assert len(await checking.claim(session, "two", 10, NOW)) == 1


async def test_a_result_for_what_was_changed_paused_or_deleted_meanwhile_is_dropped(session: AsyncSession):
    changed, paused, deleted = [await monitor_of(session, name=name) for name in ("changed", "paused", "deleted")]
    claims = await checking.claim(session, WORKER, 10, NOW)
    await service.change(session, changed, {"address": "http://127.0.0.1:2/"}, NOW)
    await service.change(session, paused, {"is_paused": True}, NOW)
    await service.delete(session, deleted, ALICE, NOW)
    assert await checking.record(session, [seen(c, "down", NOW) for c in claims], WORKER, NOW) == []
    assert (await fresh(session, paused)).status == "paused"
    assert [c.monitor_id for c in await checking.claim(session, WORKER, 10, NOW)] == [changed.id]


async def test_resuming_starts_anew_and_ends_what_pausing_left_open(session: AsyncSession):
    monitor = await monitor_of(session, failure_threshold=1)
    await check(session, "down", NOW)
    await service.change(session, monitor, {"is_paused": True}, NOW)
    await service.change(session, monitor, {"is_paused": False}, NOW + MINUTE)
    assert (await fresh(session, monitor)).status == "pending"
    await check(session, "up", NOW + MINUTE)
    assert [i.status for i in await incidents(session)] == ["resolved"]


async def test_deleting_a_monitor_ends_its_incident(session: AsyncSession):
    monitor = await monitor_of(session, failure_threshold=1)
    await check(session, "down", NOW)
    await service.delete(session, await fresh(session, monitor), ALICE, NOW)
    session.expire_all()
    (over,) = await incidents(session)
    assert (over.status, over.monitor_id, over.resolved_by) == ("resolved", None, "alice@example.org")


async def test_a_configuration_that_cannot_be_read_holds_up_nobody(session: AsyncSession):
    good, bad = await monitor_of(session, name="good"), await monitor_of(session, name="bad")
    await session.execute(text("update monitors set config = '{\"from\": \"the future\"}' where name = 'bad'"))
    claims = {claim.monitor_id: claim for claim in await checking.claim(session, WORKER, 10, NOW)}
    assert claims[good.id].config is not None
    assert claims[bad.id].config is None


async def test_twenty_workers_never_claim_the_same_check(deps: Deps):
    async with deps.db.transaction() as session:
        for number in range(60):
            await monitor_of(session, name=f"m{number}")

    async def claim(name: str) -> list[uuid.UUID]:
        async with deps.db.transaction() as session:
            return [c.monitor_id for c in await checking.claim(session, name, 7, NOW)]

    claimed = [i for ids in await asyncio.gather(*(claim(f"w{n}") for n in range(20))) for i in ids]
    assert len(claimed) == len(set(claimed)) == 60


async def test_partitions_are_made_ahead_and_dropped_after_retention(session: AsyncSession):
    assert await checking.maintain(session, 35, NOW) == []
    parts = text("select relname from pg_class where relname ~ '^monitor_checks_[0-9]{8}$' order by 1")
    assert (await session.execute(parts)).scalars().all() == ["monitor_checks_20261116", "monitor_checks_20261123"]
    await monitor_of(session)
    await check(session, "up", NOW)
    where = text("select tableoid::regclass::text from monitor_checks")
    assert (await session.execute(where)).scalar_one() == "monitor_checks_20261116"
    later = NOW + timedelta(days=60)
    assert await checking.maintain(session, 35, later) == ["monitor_checks_20261116", "monitor_checks_20261123"]
