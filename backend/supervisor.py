"""`nightdesk up`: keeps the database, the API and the workers running on one machine, until it is told to stop.

One thread, one loop: it wakes when a child dies, a child writes, a signal comes or a restart is due. Children are
forked from this process, which has imported what they share; when it is killed, the kernel kills them.
"""

import gc
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from backend.child import spawn
from backend.errors import NightdeskError
from backend.instance import Hold, Instance, forget
from backend.output import Printer
from backend.part import Part, Run
from backend.readiness import Question

log = structlog.get_logger("supervisor")

# A worker may finish its running job (10 s) and close its connections.
STOP_SECONDS = 12.0
TICK_SECONDS = 1.0
ASK_AGAIN_SECONDS = 0.1
STILL_WAITING_SECONDS = 10.0
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Supervisor:
    """Runs its parts until SIGTERM, SIGINT or SIGHUP, then stops the children: the database outlives them."""

    def __init__(self, data_dir: Path, hold: Hold, door: socket.socket, instance: Instance, printer: Printer) -> None:
        self._data_dir = data_dir
        self._hold = hold
        self._door = door
        self._instance = instance
        self._printer = printer
        self._parts: list[Part] = []
        self._children: list[Part] = []
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._stops = 0
        self._question: Question | None = None
        self._ask_at: float | None = 0.0
        self._began = time.monotonic()
        self._said_at = self._began

    def child(self, name: str, work: Callable[[], None]) -> None:
        """Adds a part that is forked from this process."""
        part = Part(name, lambda: spawn(name, work, self._let_go))
        self._children.append(part)
        self._parts.append(part)

    def database(self, part: Part) -> None:
        """Adds the database, which runs already, and goes on running after `run` has returned."""
        self._parts.append(part)
        if part.run is not None:
            self._attach(part, part.run)

    def run(self) -> None:
        """Starts what does not run yet. Returns when the children have been stopped."""
        self._listen_to_signals()
        # What is imported by now is shared with the children: the collector must not write into those pages.
        gc.collect()
        gc.freeze()
        for part in self._parts:
            if part.run is None:
                self._start(part)
        self._publish()
        while not self._stops:
            self._turn(self._next_timeout())
        self._stop_children()

    def _turn(self, timeout: float) -> None:
        for key, _ in self._selector.select(timeout):
            handle: Callable[[], None] = key.data
            handle()
        for part in self._parts:
            self._look_after(part)
        if self._ask_at is not None and self._question is None and time.monotonic() >= self._ask_at:
            self._ask()

    def _look_after(self, part: Part) -> None:
        last = part.run
        how = part.died()
        if how is not None and last is not None:
            self._detach(part, last)
            if self._stops:
                part.start_at = None
                return
            seconds = round((part.start_at or 0) - time.monotonic(), 1)
            log.warning("part_died", part=part.name, pid=last.pid, how=how, restart_in_seconds=seconds)
        if part.due() and not self._stops:
            self._start(part)
            self._publish()

    def _start(self, part: Part) -> None:
        try:
            run = part.start()
        except (OSError, NightdeskError) as error:
            # No memory for a fork, no disk for the database: it may be different in a moment.
            part.postpone()
            log.error("part_cannot_start", part=part.name, error=str(error))
            return
        self._attach(part, run)
        log.info("part_started", part=part.name, pid=run.pid)

    def _attach(self, part: Part, run: Run) -> None:
        output = run.output
        if output is not None:
            os.set_blocking(output, False)
            self._selector.register(output, selectors.EVENT_READ, lambda: self._read(part.name, output))

    def _detach(self, part: Part, run: Run) -> None:
        """Passes on a dead child's last words. Its own children may hold the pipe open: no waiting for its end."""
        output = run.output
        if output is not None and output in self._selector.get_map():
            self._read(part.name, output)
        if output is not None and output in self._selector.get_map():
            self._close(output)

    def _read(self, name: str, output: int) -> None:
        if not self._printer.read(name, output):
            self._close(output)

    def _close(self, output: int) -> None:
        self._selector.unregister(output)
        with suppress(OSError):
            os.close(output)

    def _next_timeout(self) -> float:
        now = time.monotonic()
        due = [part.start_at for part in self._parts if part.start_at is not None]
        if self._ask_at is not None and self._question is None:
            due.append(self._ask_at)
        return max(0.0, min([TICK_SECONDS, *(at - now for at in due)]))

    # Readiness

    def _ask(self) -> None:
        try:
            self._question = Question(self._door)
        except OSError:
            self._ask_at = time.monotonic() + ASK_AGAIN_SECONDS
            return
        self._selector.register(self._question, selectors.EVENT_READ, self._hear)

    def _hear(self) -> None:
        assert self._question is not None
        missing = self._question.missing()
        if missing is None:
            return
        self._selector.unregister(self._question)
        self._question.close()
        self._question = None
        now = time.monotonic()
        self._ask_at = now + ASK_AGAIN_SECONDS if missing else None
        if not missing:
            self._instance = replace(self._instance, ready=True)
            self._publish()
            log.info("ready", url=self._instance.url, seconds=round(now - self._began, 1))
        elif now - self._said_at >= STILL_WAITING_SECONDS:
            self._said_at = now
            log.warning("not_ready_yet", missing=missing)

    def _publish(self) -> None:
        pids = {part.name: part.run.pid for part in self._parts if part.run is not None}
        self._instance = replace(self._instance, processes=pids)
        try:
            self._instance.write(self._data_dir)
        except OSError as error:
            log.warning("instance_not_published", error=str(error))

    # The end

    def _listen_to_signals(self) -> None:
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ, self._drain_wake)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _nothing)
        for number in ENDING:
            # `nohup` starts us with SIGHUP ignored, and means it.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._note_stop)

    def _drain_wake(self) -> None:
        with suppress(BlockingIOError):
            self._woken.recv(4096)

    def _note_stop(self, *_: Any) -> None:
        self._stops += 1

    def _stop_children(self) -> None:
        """SIGTERM to all at once; SIGKILL to those that do not end in time, or when asked to stop a second time."""
        log.info("stopping")
        forget(self._data_dir)
        _signal_all(self._children, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while self._any_child() and time.monotonic() < deadline and self._stops < 2:
            self._turn(ASK_AGAIN_SECONDS)
        _signal_all(self._children, signal.SIGKILL)
        while self._any_child():
            self._turn(ASK_AGAIN_SECONDS)

    def _any_child(self) -> bool:
        return any(part.run is not None for part in self._children)

    def _let_go(self) -> None:
        """In a forked child: closes what is the supervisor's, so that nothing of it lives on when that dies."""
        self._hold.close()
        for part in self._parts:
            if part.run is not None and part.run.output is not None:
                with suppress(OSError):
                    os.close(part.run.output)
        if self._question is not None:
            self._question.close()
        self._wake.close()
        self._woken.close()
        self._selector.close()


def _signal_all(parts: list[Part], how: signal.Signals) -> None:
    for part in parts:
        if part.run is not None:
            with suppress(ProcessLookupError):
                part.run.signal(how)


def _nothing(*_: Any) -> None:
    """SIGCHLD needs a handler, however little it does, to wake the loop."""
