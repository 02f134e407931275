"""What is alive and what waits: read for the System page, /readyz and /metrics."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.health import RUNNING, SILENT_SECONDS, TROUBLE
from backend.system.schemas import Component

# Without one of these the loop stops somewhere. `api` is the process that answers.
NEEDED = ("checks", "agent", "actions", "notify")


async def components(session: AsyncSession, now: datetime) -> list[Component]:
    """Every copy of every process, silent ones marked as not alive."""
    rows = await session.execute(
        text(
            "select component, instance, message, version, started_at, last_seen from public.system_health"
            " order by component, started_at desc"
        )
    )
    silent_before = now - timedelta(seconds=SILENT_SECONDS)
    return [
        Component(
            component=row.component,
            instance=row.instance,
            alive=row.last_seen >= silent_before,
            troubled=row.last_seen >= silent_before and row.message.startswith(TROUBLE),
            message=row.message,
            version=row.version,
            started_at=row.started_at,
            last_seen=row.last_seen,
        )
        for row in rows
    ]


def without_details(found: list[Component]) -> list[Component]:
    """Addresses, roles and targets are the installation's; its teams are told that something is amiss."""
    return [c.model_copy(update={"message": f"{TROUBLE}what it looks at" if c.troubled else RUNNING}) for c in found]


def missing(found: list[Component]) -> list[str]:
    """The processes that no live copy of is seen."""
    alive = {c.component for c in found if c.alive}
    return [f"worker {name} is not running" for name in NEEDED if name not in alive]


@dataclass(frozen=True)
class Backlog:
    """How much there is, and how much of it waits."""

    incidents: dict[str, int]
    jobs: dict[tuple[str, str], int]


async def backlog(session: AsyncSession) -> Backlog:
    """Incidents by status and jobs by queue and status."""
    incidents = await session.execute(text("select status, count(*) from public.incidents group by status"))
    jobs = await session.execute(
        text("select queue_name, status::text, count(*) from jobs.procrastinate_jobs group by 1, 2")
    )
    return Backlog(incidents={row[0]: row[1] for row in incidents}, jobs={(row[0], row[1]): row[2] for row in jobs})
