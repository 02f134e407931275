"""A service under watch: registered with its monitor and hook, broken, and followed to its end through the API."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from backend.client import NotReachable
from tests.stories.outside import Outside
from tests.stories.product import PATIENCE, Watcher


@dataclass
class House:
    """One service, its monitor, and the incident once there is one."""

    name: str
    olivia: Watcher
    world: Outside
    monitor: str
    incident: str = ""

    async def breaks(self) -> None:
        """Fails, until an incident is open."""
        self.world.services.break_it(self.name)
        found = await self.olivia.until(self._open_incident, f"an incident of {self.name}")
        self.incident = found["id"]

    async def _open_incident(self) -> Any:
        return next(iter(await self.incidents()), None)

    async def incidents(self) -> list[Any]:
        """Every incident it ever had."""
        return await self.olivia.client.items("/api/incidents", target=self.name)

    async def look(self) -> Any:
        return await self.olivia.client.get(f"/api/incidents/{self.incident}")

    async def becomes(self, *statuses: str, seconds: float = PATIENCE) -> Any:
        async def look() -> Any:
            found = await self.look()
            return found if found["status"] in statuses else None

        return await self.olivia.until(look, f"{self.name} {' or '.join(statuses)}", seconds)

    async def approved(self) -> None:
        """Olivia approves what is proposed for it. If the answer gets lost she looks again, as everybody would."""

        async def decided() -> bool:
            actions = await self.actions()
            proposed = next((action for action in actions if action["status"] == "proposed"), None)
            if proposed is None:
                return any(action["approved_by"] for action in actions)
            path, body = f"/api/actions/{proposed['id']}/approve", {"digest": proposed["digest"]}
            try:
                return bool(await self.olivia.client.post(path, body))
            except NotReachable:
                return False

        await self.olivia.until(decided, f"a decision about {self.name}")

    async def written_up(self, seconds: float = PATIENCE) -> None:
        async def look() -> bool:
            return (await self.look())["has_post_mortem"]

        await self.olivia.until(look, f"a post-mortem of {self.name}", seconds)

    async def verbs(self) -> Counter[str]:
        """How often each thing happened, by the timeline."""
        return Counter(e["verb"] for e in await self.olivia.client.items(f"/api/incidents/{self.incident}/events"))

    async def actions(self) -> list[Any]:
        return await self.olivia.client.items(f"/api/incidents/{self.incident}/actions")


async def house(name: str, olivia: Watcher, world: Outside, *, settle_seconds: float = 1) -> House:
    """A healthy service, watched every second."""
    address = world.services.start(name)
    await olivia.client.post(
        "/api/runbook-hooks",
        {
            "name": f"restart-{name}",
            "description": "Restarts the service.",
            "url": f"{world.services.url}/hooks/{name}",
            "target": name,
            "categories": ["app_crash"],
            "timeout_seconds": 300,
            "settle_seconds": settle_seconds,
        },
    )
    monitor = await olivia.client.post(
        "/api/monitors",
        {
            "name": name,
            "type": "http",
            "address": address,
            "interval_seconds": 1,
            "failure_threshold": 1,
            "recovery_threshold": 1,
            "config": {"logs_file": str(world.services.log_file(name))},
        },
    )
    return House(name, olivia, world, monitor["id"])


def firing(target: str) -> dict[str, Any]:
    """What Alertmanager sends about a container."""
    return {
        "version": "4",
        "status": "firing",
        "receiver": "nightdesk",
        "groupKey": "{}",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.test",
        "alerts": [
            {
                "status": "firing",
                "labels": {"alertname": f"about {target}", "container": target, "severity": "critical"},
                "annotations": {},
                "startsAt": "2026-01-01T00:00:00Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "",
            }
        ],
    }
