"""One drill from the outside: one at a time per instance, signed in, cleaned up after, also when interrupted."""

import asyncio
import fcntl
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from backend import instance
from backend.client import Bell, NotReachable, Refused, listening, signed_in
from backend.drill import account
from backend.drill.kinds import Kind, next_kind
from backend.drill.operator import DrillFailed
from backend.drill.outcome import Outcome
from backend.drill.run import Stage, walk
from backend.drill.show import Show
from backend.errors import Conflict
from backend.settings import Settings


class DrillRunning(Conflict):
    """Another drill is running on this instance. Wait until it is over."""

    code = "drill_running"


async def practise(settings: Settings, kind: Kind | None, show: Show, *, approve: bool) -> Outcome:
    """Runs a drill on the running instance of the data directory. Its end, good or bad, is in the outcome.

    Raises NotRunning, DrillRunning, and Refused or NotReachable when the drill could not even begin.
    """
    running = instance.running(settings.data_dir)
    outcome = Outcome()
    with _alone(settings.data_dir / "drill") as folder:
        kind = kind or next_kind(_last(folder))
        (folder / "last_kind").write_text(kind)
        show.step("drill", f"the failure to practise is {kind!r}")
        user = await account.prepare(settings)
        bell, enter = Bell(), asyncio.Event()
        async with signed_in(running.url, user) as client, listening(client, bell):
            stage = Stage(client, bell, show, folder, outcome)
            with _terminal(bell, enter), _interruptible():
                try:
                    await walk(stage, kind, approve=approve, enter=enter)
                except (DrillFailed, Refused, NotReachable) as error:
                    show.step("failed", error.detail)
                except asyncio.CancelledError:
                    show.step("failed", "interrupted; everything the drill made is gone again")
    return outcome


@contextmanager
def _alone(folder: Path) -> Generator[Path]:
    """The drill's folder, for one drill at a time."""
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DrillRunning() from None
        yield folder


def _last(folder: Path) -> str | None:
    try:
        return (folder / "last_kind").read_text()
    except FileNotFoundError:
        return None


@contextmanager
def _terminal(bell: Bell, enter: asyncio.Event) -> Generator[None]:
    """Enter in a terminal decides."""
    if not sys.stdin.isatty():
        yield
        return
    loop = asyncio.get_running_loop()

    def pressed() -> None:
        sys.stdin.readline()
        enter.set()
        bell.ring()

    loop.add_reader(sys.stdin, pressed)
    try:
        yield
    finally:
        loop.remove_reader(sys.stdin)


@contextmanager
def _interruptible() -> Generator[None]:
    """SIGINT, SIGTERM and SIGHUP cancel the drill, so that it cleans up; asked again while it does, they wait."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    asked = False

    def cancel() -> None:
        nonlocal asked
        if not asked:
            asked = True
            task.cancel()

    for number in signals:
        loop.add_signal_handler(number, cancel)
    try:
        yield
    finally:
        for number in signals:
            with suppress(ValueError):
                loop.remove_signal_handler(number)
