"""What `nightdesk demo` needs around the drill: an instance, the running one or one for the time being."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

from backend import instance
from backend.drill.operator import DrillFailed
from backend.settings import Settings

START_SECONDS = 60.0


@contextmanager
def instance_for(settings: Settings) -> Generator[str]:
    """The URL of the instance that runs on the data directory; without one, of `nightdesk up` as a child."""
    running = instance.read(settings.data_dir)
    if running is not None:
        yield running.url
        return
    command = [sys.executable, "-m", "backend.cli", "up"]
    place = {"NIGHTDESK_DATA_DIR": str(settings.data_dir), "NIGHTDESK_PORT": str(settings.port)}
    # Quieter than `up` alone, so that the password of the first start and the drill can be read. In a session of its
    # own: Ctrl-C comes to us, and we end it.
    environment = {"NIGHTDESK_LOG_LEVEL": "warning", **os.environ, **place}
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environment, start_new_session=True)
    try:
        yield _url_when_ready(settings, process)
    finally:
        process.terminate()
        process.wait()


def _url_when_ready(settings: Settings, process: "subprocess.Popen[bytes]") -> str:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        found = instance.read(settings.data_dir)
        if found is not None and found.ready:
            return found.url
        time.sleep(0.1)
    raise DrillFailed("Nightdesk did not start; what it said is above.")


def until_interrupted(announce: Callable[[], None]) -> None:
    """Waits for Ctrl-C, which may come as soon as it is announced."""
    with suppress(KeyboardInterrupt):
        announce()
        signal.pause()
