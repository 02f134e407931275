"""Who holds most of a server's connections: the application, user or machine behind them, whatever its replicas add."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent_graph.sources.postgres.rows import Row
from agent_graph.sources.signs import stems, when

# What drivers call themselves where nobody gave the application a name.
_NAMELESS = re.compile(
    r"|postgresql jdbc driver|psycopg\w*|npgsql|pgx|libpq|node-postgres|tokio-postgres|unnamed.*|app|\?|none|null",
    re.IGNORECASE,
)
_REPLICA = re.compile(r"\s*(?:[/\[(:@#].*|\b\d[\d. ]*)$")
# Of a user's sessions, so many under one name are its application.
_MOSTLY = 0.8
_LATELY = timedelta(minutes=30)


@dataclass(frozen=True)
class Consumer:
    """One party and its sessions. `lately`: how many of them were opened just before the trouble or since."""

    name: str
    user: str
    held: int
    idle: int
    lately: int

    @property
    def said(self) -> str:
        """For a sentence: 79 by report-worker (user reporting), 79 of them idle, 62 opened since 07:26."""
        user = f" (user {self.user})" if self.user and self.user != self.name else ""
        idle = f", {self.idle} of them idle" if self.idle else ""
        lately = f", {self.lately} of them opened shortly before it began or since" if self.lately else ""
        return f"{self.held} by {self.name}{user}{idle}{lately}"


def biggest(sessions: Sequence[Row], began: datetime) -> Consumer | None:
    """By application where applications have names, else by user, else by the machine they come from."""
    users, applications = _groups(sessions, _user), _groups(sessions, _application)
    user, application = _largest(users), _largest(applications)
    if application and (not user or len(applications[application]) >= _MOSTLY * len(users[user])):
        return _consumer(application, applications[application], began)
    if user and (len(users) > 1 or not sessions):
        return _consumer(user, users[user], began)
    machines = _groups(sessions, lambda row: str(row.get("client_addr") or row.get("client_hostname") or ""))
    machine = _largest(machines)
    if machine and len(machines) > 1:
        return _consumer(machine, machines[machine], began)
    return _consumer(user, users[user], began) if user else None


def _consumer(name: str, rows: Sequence[Row], began: datetime) -> Consumer:
    starts = [at for row in rows if (at := when(row.get("backend_start"))) is not None]
    lately = sum(at >= began - _LATELY for at in starts)
    by_user = Counter(_user(row) for row in rows).most_common(1)
    idle = sum(str(row.get("state") or "") == "idle" for row in rows)
    return Consumer(name, by_user[0][0] if by_user else "", len(rows), idle, lately if 2 * lately > len(rows) else 0)


def _groups(sessions: Sequence[Row], of: Callable[[Row], str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in sessions:
        if name := of(row):
            found.setdefault(name, []).append(row)
    return found


def _largest(groups: dict[str, list[Row]]) -> str:
    return max(groups, key=lambda name: len(groups[name]), default="")


def _user(row: Row) -> str:
    return str(row.get("usename") or row.get("user") or row.get("usr") or "")


def _application(row: Row) -> str:
    """What its replicas have in common: report-worker/5ktqz, report-worker-7d9f8b6c5-x2x4z → report-worker."""
    name = str(row.get("application_name") or "").strip()
    short = _REPLICA.sub("", name)
    name = short if len(short) > 2 else name
    return "" if _NAMELESS.fullmatch(name) else (stems(name) or [name])[0]
