"""`make demo`: one command starts everything and breaks a service; in a terminal Enter decides and Ctrl-C ends it."""

import os
import pty
import signal
import subprocess
import time
from pathlib import Path

from tests.stories.product import NIGHTDESK
from tests.support.product import PATIENCE, free_port, gone


class Terminal:
    """The other end of a terminal that a command runs in."""

    def __init__(self, command: list[str]) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
        os.close(theirs)
        self.text = ""

    def read_until(self, wanted: str) -> None:
        ends = time.monotonic() + PATIENCE
        while wanted not in self.text:
            assert time.monotonic() < ends, self.text
            self.text += os.read(self._ours, 65536).decode("utf-8", "replace")

    def press_enter(self) -> None:
        os.write(self._ours, b"\n")

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._ours)


def test_in_a_terminal_enter_decides_and_ctrl_c_ends_it(folder: Path):
    data_dir = folder / "demo"
    terminal = Terminal([*NIGHTDESK, "demo", "--port", str(free_port()), "--data-dir", str(data_dir)])
    try:
        terminal.read_until("password")
        terminal.read_until("or press Enter here to approve")
        terminal.press_enter()
        terminal.read_until("drill@nightdesk.local approved")
        terminal.read_until("post-mortem ")
        terminal.read_until("Nightdesk goes on at http://127.0.0.1:")
        pids = [int(line) for line in (data_dir / "lock").read_text().split()]
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.process.wait(PATIENCE) == 0
        assert all(gone(pid) for pid in pids)
    finally:
        terminal.close()
