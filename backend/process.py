"""Which process this is, among all that share a database. Imports next to nothing: the health check asks, too.

    HOST/PLACE:PID      night-1/5f3a09c2:2281

A host's name does not say where a pid counts: containers may share the host's name and each count their own from 1, and
two machines may have one name. PLACE is the namespace that the pids belong to, with the machine's id where it has one.
"""

import os
import socket
from hashlib import sha256
from pathlib import Path

NAMESPACE = Path("/proc/self/ns/pid")
MACHINE = Path("/etc/machine-id")


def place_name() -> str:
    """HOST/PLACE, the same for all processes that can see each other's pids, and for no others."""
    return f"{socket.gethostname()}/{sha256(f'{_machine()} {_namespace()}'.encode()).hexdigest()[:8]}"


def process_name() -> str:
    """Unique among the copies of a process."""
    return f"{place_name()}:{os.getpid()}"


def lives(name: str) -> bool:
    """Whether a process of this place is there; asked about one of another place, it is."""
    place, _, pid = name.rpartition(":")
    if place != place_name():
        return True
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def _namespace() -> str:
    try:
        return os.readlink(NAMESPACE)
    except OSError:
        return ""


def _machine() -> str:
    try:
        return MACHINE.read_text().strip()
    except OSError:
        return ""
