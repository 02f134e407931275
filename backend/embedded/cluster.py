"""Where the embedded PostgreSQL keeps its files, and how they are made the first time.

    DATA_DIR/postgres.json      passwords of its two logins, ours alone
    DATA_DIR/postgres/data      the cluster, owned by the account that runs it
    DATA_DIR/postgres/run       its socket

DATA_DIR/postgres is a link to OUTSIDE when root's data directory lies where the unprivileged account cannot go
(/root is 0700): opening the folders above it to everybody is not ours to do.
"""

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from backend.embedded.account import Account, account_for
from backend.embedded.install import Install, choose, wheel_installs
from backend.errors import Unavailable

OUTSIDE = Path("/var/lib/nightdesk")
PASSWORDS = "postgres.json"
ADMIN = "supabase_admin"
SERVICE_USER = "postgres"
PORT = 5432
# A socket's path has at most 107 bytes on Linux (103 on macOS); "/.s.PGSQL.5432" takes 14 of them.
LONGEST_SOCKET_DIR = 103 - 14
NEEDED_BYTES = 200_000_000


class DatabaseFiles(Unavailable):
    """The embedded database cannot use its files."""

    code = "database_files"


@dataclass(frozen=True)
class Cluster:
    """One embedded database: its programs, its files, its account and its passwords."""

    install: Install
    account: Account
    pgdata: Path
    socket_dir: Path
    passwords: dict[str, str]

    def url(self, user: str = SERVICE_USER, database: str = "postgres") -> str:
        """A libpq URL over the private socket."""
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://{user}:{self.passwords[user]}@/{database}?host={host}&port={PORT}"


def prepare(data_dir: Path, *, installs: list[Install] | None = None, sync: bool = True) -> Cluster:
    """Finds the cluster under `data_dir`, or makes it.

    1. The folder, and who runs the server.  2. A home that account can reach.  3. The programs.  4. initdb.
    Raises Unavailable with a sentence when something is in the way.
    """
    with _in_words(data_dir):
        return _prepare(data_dir.absolute(), wheel_installs() if installs is None else installs, sync)


def existing(data_dir: Path) -> Cluster | None:
    """The cluster of a data directory that has one, without touching anything. Raises Unavailable."""
    with _in_words(data_dir):
        home = data_dir.absolute() / "postgres"
        if not (home / "data" / "PG_VERSION").exists():
            return None
        pgdata = (home / "data").resolve()
        install = choose(wheel_installs(), _version(pgdata))
        return Cluster(install, account_for(pgdata), pgdata, _socket_dir(pgdata), _passwords(data_dir))


@contextlib.contextmanager
def _in_words(data_dir: Path) -> Generator[None]:
    """What the system says about a file, as a sentence with what to do."""
    try:
        yield
    except OSError as error:
        raise DatabaseFiles(
            f"{error.filename or data_dir}: {error.strerror}. {_hint(error)}", retryable=False
        ) from error


def _prepare(data_dir: Path, installs: list[Install], sync: bool) -> Cluster:
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    link = data_dir / "postgres"
    made = link.joinpath("data").resolve() if (link / "data" / "PG_VERSION").exists() else None
    if made and not (data_dir / PASSWORDS).exists():
        raise DatabaseFiles(
            f"{data_dir / PASSWORDS} is missing: without it nobody can open the database. Put it back from a backup.",
            retryable=False,
        )
    install = choose(installs, _version(made) if made else None)
    account = account_for(made)
    home = _home(data_dir, link, account)
    cluster = Cluster(
        _reachable(install, home, account), account, home / "data", _socket_dir(home / "data"), _passwords(data_dir)
    )
    if made is None:
        _initdb(cluster, sync)
    _private_folder(cluster.socket_dir, account)
    return cluster


def _home(data_dir: Path, link: Path, account: Account) -> Path:
    """A folder of the account's own: DATA_DIR/postgres, or one outside when it cannot get there."""
    if account.switch and not account.can("-x", data_dir) and data_dir.stat().st_uid == os.geteuid():
        # The data directory itself is ours to open: to that one group, for passing through.
        os.chown(data_dir, -1, account.gid)
        data_dir.chmod(stat.S_IMODE(data_dir.stat().st_mode) | stat.S_IXGRP)
    if link.is_symlink():
        home = link.resolve()
    elif account.can("-x", data_dir):
        home = link
    else:
        home = OUTSIDE / secrets.token_hex(8)
        link.symlink_to(home)
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
        home.mkdir(mode=0o700)
        account.own(home)
    if not account.can("-x", home):
        raise DatabaseFiles(
            f"PostgreSQL does not run as root, and the account with uid {account.uid} cannot enter {home}. "
            "Choose another place with --data-dir.",
            retryable=False,
        )
    return home


def _reachable(install: Install, home: Path, account: Account) -> Install:
    """The same programs where the account can run them: a virtualenv below /root is copied into the home, once."""
    if not account.switch or account.can("-x", install.bin / "postgres"):
        return install
    target = home / f"programs-{install.major}-{hashlib.sha256(str(install.root).encode()).hexdigest()[:8]}"
    if not target.exists():
        unfinished = Path(tempfile.mkdtemp(dir=home, prefix="programs-"))
        install.copy(unfinished)
        unfinished.chmod(0o755)
        unfinished.rename(target)
    return Install(target / install.bin.relative_to(install.root.parent.parent), install.major)


def _socket_dir(pgdata: Path) -> Path:
    """Beside the data; in a short private folder when that path is too long for a socket."""
    near = pgdata.parent / "run"
    if len(os.fsencode(near)) <= LONGEST_SOCKET_DIR:
        return near
    return Path("/tmp") / f"nightdesk-{hashlib.sha256(os.fsencode(pgdata)).hexdigest()[:16]}"  # noqa: S108


def _private_folder(path: Path, account: Account) -> None:
    """Makes a folder only the account may enter, and refuses one that somebody else put there."""
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
        account.own(path)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
        raise DatabaseFiles(
            f"{path} must be a folder that only uid {account.uid} may enter, but it belongs to uid {found.st_uid} "
            f"with mode {stat.S_IMODE(found.st_mode):o}. Remove it and start again.",
            retryable=False,
        )


def _passwords(data_dir: Path) -> dict[str, str]:
    """The logins' passwords: random, made before the cluster is, readable by us alone."""
    path = data_dir / PASSWORDS
    if not path.exists():
        fresh = {user: secrets.token_urlsafe(24) for user in (ADMIN, SERVICE_USER)}
        unfinished = path.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(fresh, file)
        unfinished.rename(path)
    return json.loads(path.read_text())


def _version(pgdata: Path) -> int:
    return int((pgdata / "PG_VERSION").read_text())


def _initdb(cluster: Cluster, sync: bool) -> None:
    """Makes the cluster beside its place and moves it there, so that a half-made one is never taken for a whole."""
    home, account = cluster.pgdata.parent, cluster.account
    free = shutil.disk_usage(home).free
    if free < NEEDED_BYTES:
        raise DatabaseFiles(
            f"{home} has {free // 1_000_000} MB left; the database needs {NEEDED_BYTES // 1_000_000} MB to start.",
            retryable=False,
        )
    unfinished = home / "data.new"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    with tempfile.NamedTemporaryFile("w", dir=home) as password:
        password.write(cluster.passwords[ADMIN])
        password.flush()
        account.own(Path(password.name))
        command = [cluster.install.program("initdb"), "-D", str(unfinished), "-U", ADMIN, "-A", "scram-sha-256"]
        command += [f"--pwfile={password.name}", "-E", "UTF8", *_locale(cluster.install), *([] if sync else ["-N"])]
        ran = subprocess.run(
            command, capture_output=True, text=True, cwd="/", env=bare_environment(), **account.as_user
        )
    if ran.returncode != 0:
        raise DatabaseFiles(f"The database could not be made: {sentence(ran.stderr)}", retryable=False)
    unfinished.rename(cluster.pgdata)


def _locale(install: Install) -> list[str]:
    """The same order of text on every machine: PostgreSQL's own C.UTF-8 from version 17 on."""
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if install.major >= 17 else []
    return ["--no-locale", *builtin]


def bare_environment() -> dict[str, str]:
    """What PostgreSQL's programs see of our environment: nothing secret, nothing that changes their behaviour."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def sentence(stderr: str) -> str:
    """What a PostgreSQL program complained about, with what to do when that is known."""
    if "No space left on device" in stderr:
        return "the disk is full. Free some space and start again."
    if "Permission denied" in stderr or "Operation not permitted" in stderr:
        line = next(line for line in stderr.splitlines() if "ermi" in line)
        return f"{line.strip()}. Give the folder to the account that runs Nightdesk, or choose another with --data-dir."
    lines = [line for line in stderr.splitlines() if any(word in line for word in ("error:", "FATAL:", "PANIC:"))]
    return (lines or stderr.strip().splitlines() or ["no message"])[-1].strip()


def _hint(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "Give the folder to the account that runs Nightdesk, or choose another with --data-dir."
    return "Choose another place with --data-dir."
