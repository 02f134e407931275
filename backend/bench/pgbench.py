"""The reference for intake: single-row upserts per second that this machine's PostgreSQL commits without us."""

import asyncio
import re
import tempfile
from pathlib import Path

import psycopg

from backend.bench.instance import BenchFailed, Running
from backend.bench.kinds import Figure
from backend.embedded import cluster

CLIENTS = 16
DATABASE = "nightdesk_bench"
TABLE = """
create table if not exists upserts (
    fingerprint text primary key, receipts integer not null, last_received_at timestamptz not null
)
"""
SCRIPT = """\\set id random(1, 10000)
insert into upserts values (:id::text, 1, now())
    on conflict (fingerprint) do update
    set receipts = upserts.receipts + 1, last_received_at = excluded.last_received_at;
"""


async def upserts_per_second(instance: Running, seconds: int) -> Figure:
    """Runs pgbench from the embedded wheel against the very server of the instance. Raises BenchFailed."""
    place = cluster.existing(instance.data_dir)
    if place is None:
        raise BenchFailed("The instance has no embedded database.")
    _prepare(place)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(SCRIPT)
        script.flush()
        command = [
            place.install.program("pgbench"),
            *("--no-vacuum", "--client", str(CLIENTS), "--jobs", "2", "--time", str(seconds)),
            *("--file", script.name, place.url(database=DATABASE)),
        ]
        pgbench = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=Path("/")
        )
        output, errors = await pgbench.communicate()
    found = re.search(rb"tps = ([\d.]+)", output)
    if found is None:
        raise BenchFailed(f"pgbench: {errors.decode()[-500:]}")
    return Figure(f"pgbench, single-row upserts, {CLIENTS} clients", float(found[1]), "commits/s")


def _prepare(place: cluster.Cluster) -> None:
    with psycopg.connect(place.url(), autocommit=True) as connection:
        known = connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone()
        if known is None:
            connection.execute(f"create database {DATABASE}".encode())
    with psycopg.connect(place.url(database=DATABASE), autocommit=True) as connection:
        connection.execute(TABLE)
