"""Whose files the database's are: PostgreSQL refuses to run as root, so root lends it an unprivileged account."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

# Root's own choice first, then the account PostgreSQL packages make, then the one that is always there.
ACCOUNTS = ("nightdesk", "postgres", "nobody")


class Identity(TypedDict, total=False):
    """Keyword arguments of subprocess that change who a program runs as."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """The user that owns and runs the cluster; `switch` is true when that is not ourselves."""

    uid: int
    gid: int
    switch: bool

    @property
    def as_user(self) -> Identity:
        """Runs a program as this account, without root's groups."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}

    def own(self, path: Path) -> None:
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def can(self, what: str, path: Path) -> bool:
        """Whether this account passes `test -x` (enter, run) or `test -w` on a path, with everything above it."""
        probe = [shutil.which("test") or "/usr/bin/test", what, str(path)]
        return subprocess.run(probe, cwd="/", **self.as_user).returncode == 0


def account_for(existing: Path | None) -> Account:
    """Ourselves; for root the owner of the existing cluster, else the first of ACCOUNTS that the machine has."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    if existing is not None:
        owner = existing.stat()
        return Account(owner.st_uid, owner.st_gid, switch=True)
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, switch=True)
    raise LookupError(f"none of the accounts {', '.join(ACCOUNTS)} exists")
