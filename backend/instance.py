"""The running instance of a data directory: who holds it, and how other commands find it.

DATA_DIR/lock            held (flock) by the one supervisor or command that may start the database
DATA_DIR/instance.json   {"pid", "url", "version", "started_at", "ready", "processes": {name: pid}}; 0600
"""

import fcntl
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from backend.errors import NightdeskError
from backend.version import VERSION


class DataDirectoryHeld(NightdeskError):
    """Another Nightdesk process uses this data directory."""

    status, code = 409, "data_directory_held"


class DataDirectoryClosed(NightdeskError):
    """This account cannot use the data directory."""

    status, code = 500, "data_directory_closed"

    def __init__(self, data_dir: Path, error: OSError) -> None:
        place = error.filename or data_dir
        super().__init__(
            f"{place}: {error.strerror}. The data directory is {data_dir}: run this as the account that Nightdesk "
            "runs as, or name a folder of this account with --data-dir."
        )


class NotRunning(NightdeskError):
    """Nightdesk is not running on this data directory. Start it with `nightdesk up`."""

    status, code = 503, "not_running"


@dataclass(frozen=True)
class Instance:
    """What a running supervisor says about itself. `processes`: the pid of each part, database included."""

    pid: int
    url: str
    started_at: str
    ready: bool = False
    version: str = VERSION
    processes: dict[str, int] = field(default_factory=dict[str, int])

    def write(self, data_dir: Path) -> None:
        """Replaces the file as a whole: a reader sees the old one or the new one."""
        unfinished = data_dir / "instance.json.new"
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(self), file)
        unfinished.rename(data_dir / "instance.json")


def make(data_dir: Path) -> None:
    """Makes the folder when there is none yet: ours alone. Raises DataDirectoryClosed."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise DataDirectoryClosed(data_dir, error) from None


def read(data_dir: Path) -> Instance | None:
    """The instance that runs on the data directory now; a file its supervisor left behind does not count.

    Raises DataDirectoryClosed when that cannot be known.
    """
    try:
        found = Instance(**json.loads((data_dir / "instance.json").read_text()))
        return found if _is_held(data_dir) else None
    except (FileNotFoundError, ValueError, TypeError):
        return None
    except OSError as error:
        raise DataDirectoryClosed(data_dir, error) from None


def running(data_dir: Path) -> Instance:
    """Like `read`. Raises NotRunning."""
    found = read(data_dir)
    if found is None:
        raise NotRunning(f"Nightdesk is not running on {data_dir.absolute()}. Start it with `nightdesk up`.")
    return found


def forget(data_dir: Path) -> None:
    (data_dir / "instance.json").unlink(missing_ok=True)


class Hold:
    """The lock of a data directory, for as long as the process lives or until `release`."""

    def __init__(self, data_dir: Path) -> None:
        """Raises DataDirectoryHeld, saying by whom, and DataDirectoryClosed."""
        try:
            self._file = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise DataDirectoryClosed(data_dir, error) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._file, 100, 0).decode().strip() or "another process"
            os.close(self._file)
            raise DataDirectoryHeld(_held(data_dir, holder)) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def close(self) -> None:
        """In a forked child: lets go of the descriptor. The parent keeps the lock."""
        os.close(self._file)

    def release(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)
        os.close(self._file)


@contextmanager
def held(data_dir: Path) -> Generator[Hold]:
    """Holds the data directory for one command."""
    hold = Hold(data_dir)
    try:
        yield hold
    finally:
        hold.release()


def _is_held(data_dir: Path) -> bool:
    try:
        file = os.open(data_dir / "lock", os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(file)


def _held(data_dir: Path, holder: str) -> str:
    instance = read(data_dir)
    where = f" at {instance.url}" if instance else ""
    return (
        f"{data_dir.absolute()} is in use by process {holder}{where}. "
        "Stop that one first, or start this one with another --data-dir (and --port)."
    )
