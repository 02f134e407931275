"""Alerts become incidents: everything stored, one incident per trouble, ended when nothing fires any more."""

from datetime import timedelta

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.actor import SYSTEM
from backend.alert import service
from backend.alert.delivery import Delivery
from backend.incident import service as incidents
from tests.alert.stage import NOW, batch, firing, incident, jobs_of, resolved, send, sender_of, stored, timeline

LATER = NOW + timedelta(minutes=5)
LATER_START = "2026-01-02T05:00:00Z"


async def test_a_firing_alert_opens_an_incident_with_its_subject_event_and_job(session: AsyncSession):
    sender = await sender_of(session)
    received = await send(session, sender, firing())
    assert (received.received, received.merged, received.resolved) == (1, [], [])
    opened = await incident(session, received.opened[0])
    assert (opened.title, opened.target, opened.severity, opened.source_type) == (
        "web is down",
        "web",
        "critical",
        "container",
    )
    assert (opened.container_runtime, opened.server_name, opened.fingerprint) == ("docker", "f1", "f1")
    assert opened.number == 1
    assert opened.labels["alertname"] == "ContainerDown"
    assert await timeline(session, opened.id) == [("detect", "detected")]
    assert await jobs_of(session) == [("investigate", str(opened.id))]
    row = (await stored(session))[0]
    assert (row.incident_id, row.status, row.receipts, row.integration_id) == (opened.id, "firing", 1, sender.id)


async def test_a_repetition_is_counted_and_says_nothing(session: AsyncSession):
    sender = await sender_of(session)
    first = await send(session, sender, firing())
    for _ in range(3):
        again = await send(session, sender, firing(), now=LATER)
        assert (again.opened, again.merged) == ([], first.opened)
    row = (await stored(session))[0]
    assert (row.receipts, row.last_received_at) == (4, LATER)
    merged = await incident(session, first.opened[0])
    assert (merged.occurrences, merged.last_seen_at) == (4, LATER)
    assert await timeline(session, merged.id) == [("detect", "detected")]


async def test_a_new_firing_of_the_alert_merges_with_a_line_in_the_timeline(session: AsyncSession):
    sender = await sender_of(session)
    first = await send(session, sender, firing())
    again = await send(session, sender, firing(startsAt=LATER_START))
    assert again.merged == first.opened
    assert await timeline(session, first.opened[0]) == [("detect", "detected"), ("merge", "detected")]
    assert len(await stored(session)) == 2


async def test_resolved_ends_the_incident_and_asks_for_the_post_mortem(session: AsyncSession):
    sender = await sender_of(session)
    first = await send(session, sender, firing())
    ended = await send(session, sender, resolved(), now=LATER)
    assert ended.resolved == first.opened
    closed = await incident(session, first.opened[0])
    assert (closed.status, closed.firing, closed.resolved_at, closed.resolved_by) == (
        "resolved",
        False,
        LATER,
        "Alertmanager",
    )
    assert await jobs_of(session) == [("investigate", str(closed.id)), ("write_post_mortem", str(closed.id))]
    row = (await stored(session))[0]
    assert (row.status, row.receipts) == ("resolved", 2)
    assert row.ends_at is not None
    assert row.ends_at.isoformat() == "2026-01-02T04:00:00+00:00"


async def test_an_incident_with_an_alert_that_still_fires_stays_open(session: AsyncSession):
    sender = await sender_of(session)
    first = await send(session, sender, firing())
    await send(session, sender, firing(startsAt=LATER_START))
    still = await send(session, sender, resolved())
    assert still.resolved == []
    assert (await incident(session, first.opened[0])).firing
    ended = await send(session, sender, resolved(startsAt=LATER_START, endsAt="2026-01-02T06:00:00Z"))
    assert ended.resolved == first.opened


async def test_resolved_ends_older_firings_of_the_alert_whose_end_was_never_told(session: AsyncSession):
    sender = await sender_of(session)
    first = await send(session, sender, firing())
    await send(session, sender, firing(startsAt=LATER_START))
    ended = await send(session, sender, resolved(startsAt=LATER_START, endsAt="2026-01-02T06:00:00Z"))
    assert ended.resolved == first.opened
    assert {row.status for row in await stored(session)} == {"resolved"}


async def test_resolved_for_an_alert_never_seen_is_stored_and_opens_nothing(session: AsyncSession):
    sender = await sender_of(session)
    received = await send(session, sender, resolved())
    assert (received.received, received.opened, received.merged, received.resolved) == (1, [], [], [])
    row = (await stored(session))[0]
    assert (row.status, row.incident_id) == ("resolved", None)


async def test_a_late_copy_of_a_firing_that_is_over_changes_nothing_but_its_count(session: AsyncSession):
    sender = await sender_of(session)
    await send(session, sender, firing())
    await send(session, sender, resolved())
    late = await send(session, sender, firing(), now=NOW + timedelta(seconds=5))
    assert (late.received, late.opened, late.merged) == (1, [], [])
    row = (await stored(session))[0]
    assert (row.status, row.receipts, row.last_received_at) == ("resolved", 3, NOW)
    assert row.ends_at is not None


async def test_out_of_order_resolved_first_then_its_firing(session: AsyncSession):
    sender = await sender_of(session)
    await send(session, sender, resolved())
    assert (await send(session, sender, firing(), now=NOW + timedelta(seconds=1))).opened == []


async def test_an_alert_that_fires_again_under_its_old_start_opens_a_new_incident(session: AsyncSession):
    # Alertmanager lost sight of Prometheus: it resolved the alert by time-out, then sees it again, with the same start.
    sender = await sender_of(session)
    first = await send(session, sender, firing())
    await send(session, sender, resolved())
    again = await send(session, sender, firing(), now=LATER)
    assert len(again.opened) == 1
    assert again.opened != first.opened
    row = (await stored(session))[0]
    assert (row.status, row.ends_at, row.incident_id) == ("firing", None, again.opened[0])


async def test_replaying_a_whole_day_changes_nothing_but_counts(session: AsyncSession):
    sender = await sender_of(session)
    day = [firing("a"), firing("b"), resolved("a"), firing("b"), resolved("b")]
    for one in day:
        await send(session, sender, one)
    before = [(row.fingerprint, row.status, row.incident_id) for row in await stored(session)]
    for one in day:
        replayed = await send(session, sender, one)
        assert (replayed.opened, replayed.resolved) == ([], [])
    assert [(row.fingerprint, row.status, row.incident_id) for row in await stored(session)] == before


async def test_an_alert_that_fires_on_after_a_person_closed_the_incident_opens_the_next(session: AsyncSession):
    sender = await sender_of(session)
    first = await send(session, sender, firing())
    await incidents.command(session, first.opened[0], "resolve", SYSTEM, NOW)
    again = await send(session, sender, firing(), now=LATER)
    assert len(again.opened) == 1
    row = (await stored(session))[0]
    assert (row.incident_id, row.receipts) == (again.opened[0], 2)
    assert (await send(session, sender, resolved(), now=LATER)).resolved == again.opened


async def test_a_recovery_during_an_action_is_noted_and_left_to_the_verification(session: AsyncSession):
    sender = await sender_of(session)
    first = await send(session, sender, firing())
    await session.execute(text("update incidents set status = 'verifying'"))
    assert (await send(session, sender, resolved())).resolved == []
    waiting = await incident(session, first.opened[0])
    assert (waiting.status, waiting.firing) == ("verifying", False)
    assert (await timeline(session, waiting.id))[-1] == ("recover", "verifying")


async def test_firing_again_while_the_incident_is_verified_is_told(session: AsyncSession):
    sender = await sender_of(session)
    first = await send(session, sender, firing())
    await session.execute(text("update incidents set status = 'verifying'"))
    await send(session, sender, resolved())
    await send(session, sender, firing(startsAt=LATER_START), now=LATER)
    waiting = await incident(session, first.opened[0])
    assert waiting.firing
    assert [verb for verb, _ in await timeline(session, waiting.id)] == ["detect", "recover", "merge"]


async def test_a_failed_incident_is_resolved_when_its_alert_is(session: AsyncSession):
    sender = await sender_of(session)
    first = await send(session, sender, firing())
    await session.execute(text("update incidents set status = 'failed'"))
    assert (await send(session, sender, resolved())).resolved == first.opened


async def test_firing_and_resolved_in_one_body(session: AsyncSession):
    sender = await sender_of(session)
    first = await send(session, sender, firing("a"), firing("b"))
    mixed = await send(session, sender, resolved("a"), firing("b"), firing("c"))
    assert mixed.received == 3
    assert mixed.resolved == [first.opened[0]]
    assert mixed.merged == [first.opened[1]]
    assert len(mixed.opened) == 1


async def test_two_deliveries_in_one_transaction_each_get_their_own_answer(session: AsyncSession):
    sender = await sender_of(session)
    one, two = await service.receive_many(
        session, [Delivery(sender, batch(firing("a"), firing("b"))), Delivery(sender, batch(firing("b")))], NOW
    )
    assert (one.received, len(one.opened), one.merged) == (2, 2, [])
    assert (two.received, two.opened, two.merged) == (1, [], [one.opened[1]])
    assert [row.receipts for row in await stored(session)] == [1, 2]
    assert (await incident(session, one.opened[1])).occurrences == 2


async def test_the_same_fingerprint_in_two_teams_is_two_incidents(session: AsyncSession):
    ours, theirs = await sender_of(session), await sender_of(session, "other")
    one, two = await send(session, ours, firing()), await send(session, theirs, firing())
    assert len({*one.opened, *two.opened}) == 2
    assert (await send(session, theirs, resolved())).resolved == two.opened
    assert (await incident(session, one.opened[0])).status == "detected"


async def test_an_alert_of_unknown_start_stays_one_row_and_its_incident_begins_now(session: AsyncSession):
    sender = await sender_of(session)
    first = await send(session, sender, firing(startsAt="0001-01-01T00:00:00Z"))
    assert (await send(session, sender, firing(startsAt=None), now=LATER)).merged == first.opened
    assert len(await stored(session)) == 1
    assert (await incident(session, first.opened[0])).started_at == NOW


async def test_numbers_have_no_gaps_after_many_repetitions(session: AsyncSession):
    sender = await sender_of(session)
    await send(session, sender, firing("a"))
    for _ in range(20):
        await send(session, sender, firing("a"))
        await send(session, sender, firing("a", startsAt=LATER_START))
    second = await send(session, sender, firing("b"))
    assert (await incident(session, second.opened[0])).number == 2


async def test_the_number_of_statements_does_not_grow_with_the_number_of_alerts(session: AsyncSession):
    sender = await sender_of(session)
    counts: list[int] = []
    connection = (await session.connection()).sync_connection
    assert connection is not None

    def count(*_: object) -> None:
        counts[-1] += 1

    event.listen(connection, "before_cursor_execute", count)
    for size in (2, 40):
        alerts = [firing(f"{size}-{i}") for i in range(size)]
        ended = [resolved(f"{size}-{i}") for i in range(size)]
        for delivery in (alerts, alerts, ended):
            counts.append(0)
            await send(session, sender, *delivery)
    event.remove(connection, "before_cursor_execute", count)
    assert counts[:3] == counts[3:]
    assert counts[1] == 2, "repetitions: one statement for the alerts, one for the incidents"
