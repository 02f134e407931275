"""Brings an incident before the agent: on a real database, through the kernel, as alerts and monitors do."""

import json
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from agent_graph.worker import Parts, open_parts
from backend.actor import Actor
from backend.deps import Deps, open_deps
from backend.incident import intake
from backend.incident import service as incidents
from backend.incident.model import Incident

SOURCE = Actor("source", "test")


@asynccontextmanager
async def agent(deps: Deps, **settings: Any) -> AsyncGenerator[tuple[Deps, Parts]]:
    """An agent process on the same database, with settings of its own."""
    changed = deps.settings.model_copy(update=settings)
    async with (
        open_deps(changed, database_url=deps.db.url, name="agent", clock=deps.clock) as own,
        open_parts(own) as parts,
    ):
        yield own, parts


async def team(deps: Deps) -> uuid.UUID:
    async with deps.db.transaction() as session:
        return (await session.execute(text("select id from teams where slug = 'default'"))).scalar_one()


async def open_incident(deps: Deps, target: str = "web", **changes: Any) -> uuid.UUID:
    """An incident as an alert opens it, ten minutes after it began."""
    now = deps.clock.now()
    seen = incidents.Observation(
        **{
            "team_id": await team(deps),
            "title": f"{target} is down",
            "target": target,
            "severity": "high",
            "source_type": "container",
            "container_runtime": "docker",
            "fingerprint": uuid.uuid4().hex,
            "started_at": now - timedelta(minutes=10),
            "actor": SOURCE,
            **changes,
        }
    )
    async with deps.db.transaction() as session:
        return (await intake.observe(session, seen, now)).incident_id


async def add_monitor(
    deps: Deps, *statuses: str, error: str = "connection refused", detail: str | None = None, **config: Any
) -> uuid.UUID:
    """A monitor with checks, the oldest first, 30 seconds apart, the last one now."""
    now, identity = deps.clock.now(), uuid.uuid4()
    metadata = json.dumps({"detail": detail} if detail else {})
    async with deps.db.transaction() as session:
        await session.execute(
            text(
                "insert into monitors (id, team_id, name, type, address, status, config)"
                " values (:id, :team, 'web', 'http', 'http://127.0.0.1:1/', :status, cast(:config as jsonb))"
            ),
            {"id": identity, "team": await team(deps), "status": statuses[-1], "config": json.dumps(config)},
        )
        for place, status in enumerate(reversed(statuses)):
            await session.execute(
                text(
                    "insert into monitor_checks (monitor_id, team_id, status, error_message, metadata, checked_at)"
                    " values (:id, :team, :status, :error, cast(:metadata as jsonb), :at)"
                ),
                {
                    "id": identity,
                    "team": await team(deps),
                    "status": status,
                    "error": error if status == "down" else None,
                    "metadata": metadata,
                    "at": now - timedelta(seconds=30 * place),
                },
            )
    return identity


async def add_hook(
    deps: Deps, name: str = "restart-web", *categories: str, schema: dict[str, Any] | None = None
) -> None:
    async with deps.db.transaction() as session:
        await session.execute(
            text(
                "insert into runbook_hooks (team_id, name, url, categories, params_schema) values"
                " (:team, :name, 'http://127.0.0.1:1/restart', :categories, cast(:schema as jsonb))"
            ),
            {
                "team": await team(deps),
                "name": name,
                "categories": list(categories),
                "schema": json.dumps(schema or {"type": "object", "properties": {}, "additionalProperties": False}),
            },
        )


async def incident(deps: Deps, incident_id: uuid.UUID) -> Incident:
    async with deps.db.transaction() as session:
        found = await session.get(Incident, incident_id)
        assert found is not None
        return found


async def rows(deps: Deps, query: str, **values: Any) -> list[Any]:
    async with deps.db.transaction() as session:
        return list(await session.execute(text(query), values))


async def close(deps: Deps, incident_id: uuid.UUID) -> None:
    async with deps.db.transaction() as session:
        await incidents.resolve(
            session, await incidents.lock(session, incident_id), SOURCE, deps.clock.now(), message="over"
        )
