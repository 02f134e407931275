"""Three tiny parts under the real supervisor, to see what it does with them.

    python -m tests.support.small_product DATA_DIR PORT [deaf]

api answers /readyz, steady waits for SIGTERM, deaf (when wanted) ignores it.
"""

import signal
import socket
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from backend.door import listen
from backend.instance import Instance, held
from backend.logs import configure_logging
from backend.output import Printer
from backend.supervisor import Supervisor


def answer(door: socket.socket) -> None:
    print("api is here", flush=True)
    while True:
        connection, _ = door.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")


def wait() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("steady is here", flush=True)
    threading.Event().wait()


def ignore() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Event().wait()


def main(data_dir: Path, port: int, *, deaf: bool) -> None:
    configure_logging("nightdesk", "json", "info")
    # Whoever runs the tests may ignore these, which is inherited.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    data_dir.mkdir(parents=True, exist_ok=True)
    with held(data_dir) as hold, listen("127.0.0.1", port) as door:
        instance = Instance(0, f"http://127.0.0.1:{port}", datetime.now(UTC).isoformat())
        supervisor = Supervisor(data_dir, hold, door, instance, Printer("json"))
        supervisor.child("api", lambda: answer(door))
        supervisor.child("steady", wait)
        if deaf:
            supervisor.child("deaf", ignore)
        supervisor.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), deaf="deaf" in sys.argv)
