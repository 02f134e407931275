"""Alert intake: single POSTs, groups and a storm, against what PostgreSQL commits on the same machine without us."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, cycle, islice
from typing import Any

import psycopg

from backend.bench import alerts, pgbench
from backend.bench.instance import BenchFailed, Running, folder, running
from backend.bench.kinds import Figure, Goal, Row
from backend.bench.load import Door, Load, as_fast_as_possible, at_rate
from backend.client import signed_in
from backend.embedded import cluster

CLIENTS = 16
GROUP = 50
UI_PER_SECOND = 5.0

SINGLE = Goal("≥ 8 % of the reference", at_least=0.08)
HALF_LOAD = Goal("p99 < 50 ms", at_most=50)
GROUPS = Goal("≥ 50 % of the reference, in alerts/s", at_least=0.5)
STORED = Goal("all stored, none lost", at_least=1.0, at_most=1.0)
ONE_EACH = Goal("≤ 1 incident per fingerprint", at_most=1)
USABLE = Goal("API p95 < 300 ms throughout", at_most=300)


@dataclass(frozen=True)
class Size:
    """How much of it. `known`: alerts that were there before and are sent again."""

    reference_seconds: int = 5
    seconds: float = 6.0
    known: int = 800
    storm: int = 10_000
    settle_seconds: float = 90.0


FULL = Size()
TINY = Size(reference_seconds=1, seconds=0.3, known=GROUP, storm=5 * GROUP, settle_seconds=1)


async def run(size: Size) -> list[Row]:
    """Brings up an instance and measures one thing after the other on it."""
    with folder() as data_dir, running(data_dir) as instance:
        hook = instance.webhook()
        reference = await pgbench.upserts_per_second(instance, size.reference_seconds)
        rows = await _single(instance, hook, reference, size)
        rows += await _groups(instance, hook, reference, size)
        return rows + await _storm(instance, hook, size)


async def _single(instance: Running, hook: str, reference: Figure, size: Size) -> list[Row]:
    door = instance.door
    known = [door.post(hook, body) for body in alerts.groups("BenchKnown", range(size.known), 1)]
    _all_accepted(await as_fast_as_possible(door, iter(known), clients=CLIENTS, seconds=None))
    await _settled(instance, size)
    repeated = await as_fast_as_possible(door, cycle(known), clients=CLIENTS, seconds=size.seconds)
    _all_accepted(repeated)
    half = repeated.per_second / 2
    paced = await at_rate(
        door, islice(cycle(known), max(1, int(half * size.seconds))), clients=CLIENTS, per_second=half
    )
    _all_accepted(paced)
    distinct = await as_fast_as_possible(door, _fresh(door, hook), clients=CLIENTS, seconds=size.seconds)
    _all_accepted(distinct)
    await _settled(instance, size)
    posts = f"1 alert per POST, {CLIENTS} clients"
    return [
        Row(Figure(f"{posts}, known alerts repeated", repeated.per_second, "alerts/s"), reference, SINGLE),
        Row(Figure(f"{posts}, every alert a new incident", distinct.per_second, "alerts/s"), reference, SINGLE),
        Row(Figure("p99 at half that load, known alerts", paced.percentile_ms(99), "ms"), None, HALF_LOAD),
    ]


def _fresh(door: Door, hook: str) -> Iterator[bytes]:
    return (door.post(hook, alerts.body([alerts.alert("BenchNew", number)])) for number in count(1_000_000))


async def _groups(instance: Running, hook: str, reference: Figure, size: Size) -> list[Row]:
    door = instance.door
    known = [door.post(hook, body) for body in alerts.groups("BenchKnown", range(size.known), GROUP)]
    repeated = await as_fast_as_possible(door, cycle(known), clients=CLIENTS, seconds=size.seconds)
    _all_accepted(repeated)
    what = f"groups of {GROUP}, {CLIENTS} clients, known alerts repeated"
    return [Row(Figure(what, repeated.per_second * GROUP, "alerts/s"), reference, GROUPS)]


async def _storm(instance: Running, hook: str, size: Size) -> list[Row]:
    """A fifth of the alerts are repetitions, sent by other clients at about the same time."""
    door = instance.door
    distinct = size.storm * 4 // 5
    first = alerts.groups("BenchStorm", range(2_000_000, 2_000_000 + distinct), GROUP)
    bodies = first + first[: (size.storm - distinct) // GROUP]
    over = asyncio.Event()
    async with signed_in(instance.url, await asyncio.to_thread(instance.account)) as client:
        watching = asyncio.create_task(_watch(door, client.token, over))
        storm = await as_fast_as_possible(
            door, (door.post(hook, body) for body in bodies), clients=CLIENTS, seconds=None
        )
        over.set()
        ui = await watching
    _all_accepted(storm)
    receipts, fingerprints, most = _stored(instance)
    sent = sum(body.count(b'"startsAt"') for body in bodies)
    if fingerprints != distinct:
        raise BenchFailed(f"{distinct} fingerprints were sent in the storm, {fingerprints} are stored.")
    return [
        Row(Figure(f"storm of {sent} alerts in groups of {GROUP}", sent / storm.seconds, "alerts/s")),
        Row(Figure("storm: alerts stored", receipts, "alerts"), Figure("sent", sent, "alerts"), STORED),
        Row(Figure("storm: most incidents of one fingerprint", most, "incidents"), None, ONE_EACH),
        Row(Figure("storm: incident list meanwhile, p95", ui.percentile_ms(95), "ms"), None, USABLE),
    ]


async def _watch(door: Door, token: str, over: asyncio.Event) -> Load:
    """The incident list again and again, as open browsers ask for it, until the storm is over."""

    def looks() -> Iterator[bytes]:
        while not over.is_set():
            yield door.get("/api/incidents?limit=50", token)

    load = await at_rate(door, looks(), clients=2, per_second=UI_PER_SECOND)
    _all_accepted(load)
    return load


def _all_accepted(load: Load) -> None:
    if load.refused:
        raise BenchFailed(f"Requests were refused; answers by status: {load.statuses}")


async def _settled(instance: Running, size: Size) -> None:
    """Waits until the agent is through with what was opened: it is a part of the product, but not of the intake."""
    deadline = asyncio.get_running_loop().time() + size.settle_seconds
    while asyncio.get_running_loop().time() < deadline:
        if _query(instance, "select count(*) from jobs.procrastinate_jobs where status in ('todo', 'doing')")[0] == 0:
            return
        await asyncio.sleep(0.5)


def _stored(instance: Running) -> tuple[int, int, int]:
    """Receipts and fingerprints of the storm, and the most incidents that one fingerprint has."""
    return _query(
        instance,
        "select sum(receipts)::int, count(*)::int, max(incidents)::int from ("
        " select sum(receipts) as receipts, count(distinct incident_id) as incidents"
        " from public.alerts where name = 'BenchStorm' group by fingerprint) as each",
    )


def _query(instance: Running, query: str) -> Any:
    place = cluster.existing(instance.data_dir)
    assert place is not None
    with psycopg.connect(place.url()) as connection:
        return connection.execute(query.encode()).fetchone()
