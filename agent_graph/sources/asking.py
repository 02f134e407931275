"""How every source asks: a deadline, a size cap, and an answer that says what went wrong when something did."""

import asyncio
import re
from collections.abc import Awaitable, Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx

from backend.investigation.kinds import CaseFile, Evidence

T = TypeVar("T")

BEFORE = timedelta(minutes=15)
# Who tells that a run failed waits for so long first: what went wrong was said before, at the run's own time.
OF_A_RUN = timedelta(minutes=45)
_FAILED_RUN = re.compile(r"job_?fail|job.{0,80}(?:failed|did not complete|to complete)", re.IGNORECASE)
WIDER = timedelta(hours=2)
# A source that says an incident began last year, or tomorrow, has a broken clock.
_OLDEST = timedelta(days=7)


class Trouble(Exception):
    """The other side answered, but not with what was asked. The sentence is shown."""


async def attempt(blank: Evidence, work: Awaitable[Evidence], seconds: float) -> Evidence:
    """The work's evidence, or `blank` with the reason why there is none."""
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        reason = f"did not answer within {seconds:g} s"
    except Trouble as trouble:
        reason = str(trouble)
    except httpx.TimeoutException:
        reason = "timed out"
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        reason = f"cannot be reached ({str(error) or type(error).__name__})"
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        reason = f"gave an answer that could not be understood ({type(error).__name__})"
    return blank.model_copy(update={"error": reason, "summary": f"No answer: {reason}."})


async def together(*work: Coroutine[Any, Any, T]) -> list[T]:
    """What each of them answers. Where one fails, the others are stopped: nobody would read what they find."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


def window(case: CaseFile, before: timedelta = BEFORE) -> tuple[datetime, datetime]:
    """From some time before the trouble began until the case was opened."""
    began = min(max(case.started_at, case.now - _OLDEST), case.now)
    told = (text for alert in case.alerts for text in (alert.name, *alert.annotations.values()))
    of_a_run = any("job_name" in alert.labels for alert in case.alerts) and any(map(_FAILED_RUN.search, told))
    return began - (max(before, OF_A_RUN) if of_a_run else before), case.now


async def read_capped(response: httpx.Response, limit: int) -> tuple[bytes, bool]:
    """The body, at most `limit` bytes of it; True when there was more."""
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size >= limit:
            return b"".join(parts)[:limit], True
    return b"".join(parts), False


def refusal(status: int, body: bytes) -> Trouble:
    """What an HTTP error says, in a line."""
    said = " ".join(body.decode("utf-8", "replace").split())[:200]
    return Trouble(f"answered {status}{': ' + said if said else ''}")
