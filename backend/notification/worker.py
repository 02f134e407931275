"""The process `nightdesk worker notify`: delivers mail."""

import asyncio

from backend import jobs
from backend.deps import Deps
from backend.mail import service as mail

QUEUE = "notify"


async def run(deps: Deps, stop: asyncio.Event) -> None:
    """Works until `stop` is set, then finishes what is running and returns."""
    handlers: dict[jobs.JobKind, jobs.Handler] = {jobs.SEND_MAIL: mail.deliver}
    await jobs.run_worker(deps, QUEUE, handlers, give_up={jobs.SEND_MAIL: mail.give_up}, stop=stop)
