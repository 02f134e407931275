"""What our own monitor saw: its latest checks, since when it is down, how often it flipped."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from itertools import pairwise
from urllib.parse import urlsplit

import httpx

from agent_graph.deps import Ask, Source, Tool
from agent_graph.wording import counted, moment
from backend.investigation.kinds import CaseFile, CheckFact, Evidence, MonitorFact
from backend.settings import Settings

NAME = "monitor_history"
_MOST = 60


class MonitorHistorySource:
    """Reads the case file; nothing outside is asked."""

    name = NAME
    tools: Sequence[Tool] = ()

    def first(self, case: CaseFile) -> list[Ask]:
        """Only where a monitor is behind the incident."""
        return [Ask(source=NAME, what="checks")] if case.monitor else []

    def wider(self, case: CaseFile) -> list[Ask]:
        """There is no more to see."""
        return []

    async def answer(self, case: CaseFile, ask: Ask) -> list[Evidence]:
        """The history (our own measurement), and apart from it what the other side said (hostile text)."""
        monitor = case.monitor
        if monitor is None:
            return []
        found = [_history(case, monitor)]
        bodies = _bodies(monitor.checks)
        if bodies:
            found.append(
                Evidence(
                    source=NAME,
                    kind="log",
                    title=f"What {monitor.name} answered",
                    query=f"response bodies kept by the checks of {monitor.name}",
                    window_start=monitor.checks[-1].at,
                    window_end=monitor.checks[0].at,
                    summary=f"{counted(len(bodies), 'different answer')}.",
                    content="\n".join(bodies),
                )
            )
        return found


def _history(case: CaseFile, monitor: MonitorFact) -> Evidence:
    checks = monitor.checks
    known = [check for check in checks if check.status != "unknown"]
    failed = [check for check in known if check.status == "down"]
    down_since = _down_since(known)
    last_up = next((check.at for check in known if check.status == "up"), None)
    flips = sum(one.status != other.status for one, other in pairwise(known))
    since = f", down since {moment(down_since)}" if down_since else ""
    return Evidence(
        source=NAME,
        kind="history",
        title=f"Checks of {monitor.name}",
        query=f"last {len(checks)} checks of {monitor.address}",
        window_start=checks[-1].at if checks else None,
        window_end=checks[0].at if checks else None,
        summary=f"The monitor is {monitor.status}: {len(failed)} of the last {len(known)} checks failed{since}, "
        f"{counted(flips, 'flip')}.",
        content="\n".join(_line(check) for check in checks[:_MOST]),
        data={
            "status": monitor.status,
            "failed": len(failed),
            "checks": len(known),
            "flips": flips,
            "down_since": down_since.isoformat() if down_since else None,
            "last_up": last_up.isoformat() if last_up else None,
            "errors": dict(Counter(check.error or str(check.status_code or "") for check in failed).most_common(5)),
            "latest": [check.status for check in checks[:5]],
        },
        truncated=len(checks) > _MOST,
        inventory=[name for name in (monitor.name, urlsplit(monitor.address).hostname or monitor.address) if name],
    )


def _down_since(known: Sequence[CheckFact]) -> datetime | None:
    since = None
    for check in known:
        if check.status != "down":
            break
        since = check.at
    return since


def _line(check: CheckFact) -> str:
    parts = [f"{check.at:%Y-%m-%d %H:%M:%S}", check.status]
    parts += [f"HTTP {check.status_code}"] if check.status_code else []
    parts += [f"{check.response_time_ms} ms"] if check.response_time_ms is not None else []
    return " ".join([*parts, check.error or ""]).strip()


def _bodies(checks: Sequence[CheckFact]) -> list[str]:
    """Each different answer once, oldest first, with the time it was first seen."""
    seen: dict[str, CheckFact] = {}
    for check in reversed(checks):
        if check.detail and check.status == "down":
            seen.setdefault(" ".join(check.detail.split())[:1000], check)
    return [f"{check.at:%Y-%m-%dT%H:%M:%SZ} {text}" for text, check in list(seen.items())[:20]]


async def open_source(settings: Settings, http: httpx.AsyncClient, stack: AsyncExitStack) -> Source | str:
    """Always there."""
    return MonitorHistorySource()
