"""A child process made by fork: it shares the parent's imported modules, it starts at once and costs little."""

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from backend.embedded.postgres import die_with_parent

PR_SET_NAME = 15


@dataclass(frozen=True)
class Child:
    """A running child and the end of the pipe that its output comes out of."""

    name: str
    pid: int
    output: int

    def poll(self) -> int | None:
        """Its exit status, negative for a signal, once; None while it runs."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return None if pid == 0 else os.waitstatus_to_exitcode(status)

    def signal(self, how: signal.Signals) -> None:
        os.kill(self.pid, how)


def spawn(name: str, work: Callable[[], None], let_go: Callable[[], None]) -> Child:
    """Forks a child that does `work` and exits. `let_go` closes, in the child, what belongs to the parent.

    The parent must have one thread only. The child has its own session (a Ctrl-C in the terminal reaches the parent
    alone) and dies with the parent.
    """
    reader, writer = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    watch_parent = die_with_parent(signal.SIGKILL)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(reader)
            _become(name, writer, watch_parent, let_go)
            work()
            status = 0
        except SystemExit as wanted:
            status = wanted.code if isinstance(wanted.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            # Never back into the parent's code, nor into what it registered for its own exit.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    os.close(writer)
    os.set_blocking(reader, False)
    return Child(name, pid, reader)


def _become(name: str, writer: int, watch_parent: Callable[[], None], let_go: Callable[[], None]) -> None:
    watch_parent()
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    let_go()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(writer, 1)
    os.dup2(writer, 2)
    os.close(writer)
    # `ps -o comm`, `top` and the kernel's own messages tell the processes apart.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_NAME, f"nightdesk-{name}".encode()[:15], 0, 0, 0)
