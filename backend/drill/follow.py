"""Follows one incident through the loop, as a person at the UI would: looks after every hint, decides when asked."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.client import Bell, Client, NotReachable, Refused
from backend.drill.operator import DrillFailed
from backend.drill.outcome import Outcome
from backend.drill.show import Show

LOOK_SECONDS = 1.0
# Longer than an investigation with a model may take.
PATIENCE_SECONDS = 200.0
# An action in one of these may still lead somewhere.
LIVE = frozenset({"drafted", "proposed", "approved", "executing"})
# Lines of the timeline that the drill says itself, with more.
TOLD_BETTER = frozenset({"detect", "propose"})
MARKS = {"executing_solution": "decided", "awaiting_approval": "proposed", "resolved": "resolved"}


@dataclass
class Follower:
    """One incident and what has been seen of it."""

    client: Client
    bell: Bell
    show: Show
    outcome: Outcome
    approve: bool
    enter: asyncio.Event
    seen: int = 0
    asked: set[str] = field(default_factory=set[str])
    _path: str = ""

    async def find(self, monitor_id: str, since: datetime) -> None:
        """Waits for the incident of the monitor."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while (found := await self._opened(monitor_id, since)) is None:
                    await self.bell.wait(LOOK_SECONDS)
        except TimeoutError:
            raise DrillFailed("The service is broken, but no incident was opened for it.") from None
        self.outcome.incident_id = found["id"]
        self.outcome.mark("detected", self.show.elapsed)
        self._path = f"/api/incidents/{found['id']}"
        self.show.step("detected", f"incident #{found['number']}: {found['title']}  {self._page()}")

    async def _opened(self, monitor_id: str, since: datetime) -> Any:
        recent = await self.client.get("/api/incidents", since=since.isoformat())
        return next((item for item in recent["items"] if item["monitor_id"] == monitor_id), None)

    def _page(self) -> str:
        return str(self.client.http.base_url).rstrip("/") + self._path.removeprefix("/api")

    async def to_the_end(self) -> None:
        """Until the post-mortem is there. Raises DrillFailed when the loop ends otherwise or stands still."""
        moved_at = self.show.elapsed
        while True:
            incident = await self.client.get(self._path)
            action = await self._latest_action()
            # Read last, so that the timeline is never behind what is said about the action.
            if await self._tell_news():
                moved_at = self.show.elapsed
            self._note(incident, action)
            if incident["has_post_mortem"] and incident["status"] == "resolved":
                return await self._finish()
            self._give_up(incident, action)
            if action is not None and action["status"] == "proposed":
                await self._decide(action)
            elif self.show.elapsed - moved_at > PATIENCE_SECONDS:
                raise DrillFailed(f"Nothing has happened for {PATIENCE_SECONDS:.0f} s; it is {incident['status']}.")
            await self.bell.wait(LOOK_SECONDS)

    async def _tell_news(self) -> bool:
        """Prints the lines of the timeline that are new."""
        events = [event for event in await self.client.items(f"{self._path}/events") if event["seq"] > self.seen]
        for event in sorted(events, key=lambda event: event["seq"]):
            self.seen = event["seq"]
            if event["verb"] not in TOLD_BETTER:
                self.show.step(event["verb"], event["message"].splitlines()[0] if event["message"] else "")
            if event["status"] in MARKS:
                self.outcome.mark(MARKS[event["status"]], self.show.elapsed)
        return bool(events)

    async def _latest_action(self) -> Any:
        actions = await self.client.items(f"{self._path}/actions")
        return max(actions, key=lambda action: action["proposed_at"] or "", default=None)

    def _note(self, incident: Any, action: Any) -> None:
        self.outcome.status = incident["status"]
        self.outcome.verification = incident["verification"]
        if action is not None:
            self.outcome.action_kind = action["kind"]
            self.outcome.action_status = action["status"]
            self.outcome.approved_by = action["approved_by"]

    def _give_up(self, incident: Any, action: Any) -> None:
        """Raises DrillFailed when nothing more will happen by itself."""
        if incident["status"] == "failed":
            raise DrillFailed(f"The incident failed: {incident['needs_person'] or incident['action_error']}")
        waiting = incident["status"] == "analyzed" and (action is None or action["status"] not in LIVE)
        if waiting and incident["needs_person"]:
            raise DrillFailed(f"The loop stopped and waits for a person: {incident['needs_person']}")
        if incident["status"] == "resolved" and self.outcome.verification != "recovered":
            raise DrillFailed("The incident was resolved without a verified action.")

    async def _decide(self, action: Any) -> None:
        if action["id"] not in self.asked:
            self.asked.add(action["id"])
            self.enter.clear()
            self.show.step("proposed", f"{action['title']} on {action['target']} (risk {action['risk']})")
            if not self.approve:
                enter = ", or press Enter here to approve" if self.show.console.is_terminal else ""
                self.show.step("decide", f"approve or reject it at {self._page()}{enter}")
        if self.approve or self.enter.is_set():
            try:
                await self.client.post(f"/api/actions/{action['id']}/approve", {"digest": action["digest"]})
            except NotReachable:
                # Whether it arrived shows at the next look: a decision is taken once.
                return
            except Refused as refused:
                # Somebody in the browser was faster: their decision is as good.
                if refused.problem_code not in ("already_decided", "not_proposed"):
                    raise

    async def _finish(self) -> None:
        post_mortem = await self.client.get(f"{self._path}/post-mortem")
        self.outcome.post_mortem_chars = len(post_mortem["body_md"])
        self.outcome.mark("written", self.show.elapsed)
        self.show.step("post-mortem", f"{self.outcome.post_mortem_chars} characters  {self._page()}")
