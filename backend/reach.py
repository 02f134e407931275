"""What the agent is set up to look at, and what of it does not answer: told with its sign of life.

The System page and `nightdesk doctor` read it there: their own settings may be others.
"""

import asyncio
import re
from collections.abc import Sequence

import structlog

from backend import doctor
from backend.connection.kubernetes import KubernetesCluster
from backend.health import RUNNING, TROUBLE
from backend.settings import Settings

log = structlog.get_logger(__name__)

EVERY_SECONDS = 120.0
# Somebody is repairing it, and looks.
AGAIN_SECONDS = 15.0
# A URL of the settings may have a name and a password in it, and the password an @.
_CREDENTIALS = re.compile(r"//[^/\s]*@")


def said(found: Sequence[doctor.Finding]) -> str:
    """One line for all of them: what fails, else what is looked at."""
    failed = [f"{one.name} ({_CREDENTIALS.sub('//', one.detail)})" for one in found if one.state == "failed"]
    if failed:
        return TROUBLE + "; ".join(failed)
    well = [one.name for one in found if one.state == "ok"]
    return f"looks at {', '.join(well)}" if well else RUNNING


class Reach:
    """The latest look at everything outside."""

    def __init__(self) -> None:
        self.message = RUNNING

    async def keep_looking(self, settings: Settings) -> None:
        """Looks again and again, for as long as the process lives."""
        # One for all looks: a plug-in of its kubeconfig that hangs, hangs once.
        cluster = KubernetesCluster(settings)
        try:
            while True:
                try:
                    self.message = said(await doctor.sources(settings, cluster))
                except Exception:
                    log.exception("look_failed")
                await asyncio.sleep(AGAIN_SECONDS if self.message.startswith(TROUBLE) else EVERY_SECONDS)
        finally:
            await cluster.aclose()
