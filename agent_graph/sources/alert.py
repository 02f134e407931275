"""The alerts as they were received. Their texts come from outside, so they are evidence, never instructions."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

import httpx

from agent_graph.deps import Ask, Source, Tool
from agent_graph.wording import clock, moment
from backend.investigation.kinds import AlertFact, CaseFile, Evidence
from backend.settings import Settings

NAME = "alert"
_MOST = 20


class AlertSource:
    """Reads the case file; nothing outside is asked."""

    name = NAME
    tools: Sequence[Tool] = ()

    def first(self, case: CaseFile) -> list[Ask]:
        """Only where alerts opened the incident."""
        return [Ask(source=NAME, what="alerts")] if case.alerts else []

    def wider(self, case: CaseFile) -> list[Ask]:
        """There is no more to see."""
        return []

    async def answer(self, case: CaseFile, ask: Ask) -> list[Evidence]:
        """One piece of evidence for all alerts."""
        alerts = sorted(case.alerts, key=lambda alert: alert.starts_at)
        first = alerts[0].starts_at
        many = "1 alert" if len(alerts) == 1 else f"{len(alerts)} alerts"
        firing = sum(alert.status == "firing" for alert in alerts)
        return [
            Evidence(
                source=NAME,
                kind="event",
                title="Alerts behind the incident",
                query="alerts of the incident",
                window_start=alerts[0].starts_at,
                window_end=case.now,
                summary=f"{many}, {firing} firing, the first since {moment(first)}.",
                content="\n\n".join(_lines(alert) for alert in alerts[:_MOST]),
                data={"firing": firing, "resolved": len(alerts) - firing},
                truncated=len(alerts) > _MOST,
            )
        ]


def _lines(alert: AlertFact) -> str:
    ended = f", resolved {clock(alert.ends_at)}" if alert.ends_at and alert.status == "resolved" else ""
    lines = [f"{alert.name} ({alert.status}, {alert.severity}) since {moment(alert.starts_at)}{ended}"]
    lines += [f"  {key} = {value[:300]}" for key, value in sorted(alert.labels.items())]
    lines += [f"  {key}: {value[:600]}" for key, value in sorted(alert.annotations.items())]
    return "\n".join(lines)


async def open_source(settings: Settings, http: httpx.AsyncClient, stack: AsyncExitStack) -> Source | str:
    """Always there."""
    return AlertSource()
