"""Reads sessions and locks: who blocks whom, who sits in a transaction, what runs long, how full the server is."""

import re
from collections import Counter
from datetime import datetime

from agent_graph.logs.templates import template_of
from agent_graph.sources.postgres.consumers import biggest
from agent_graph.sources.postgres.rows import Row, brief, number, pids, seconds
from agent_graph.sources.signs import Book, when

_LONG_SECONDS = 60.0
_IDLE_LONG_SECONDS = 60.0
_MANY = 0.9
# As programs and users are called that write a whole database elsewhere.
BACKUP = re.compile(
    r"(?<![a-z])(?:pg_dump(?:all)?|pg_basebackup|pgbackrest|barman|wal-?[ge]|backups?|dump(?:er)?)(?![a-z])",
    re.IGNORECASE,
)
_MOST_COUNTED = 10_000
_SAME = 5
# Of fewer sessions, nobody asks who has most.
_SEVERAL = 5


def session_line(row: Row, now: datetime) -> str:
    """One session as a line."""
    age = seconds(row, now, ("xact_start", "query_start"), ("xact_age", "duration", "query_age", "age_seconds"))
    wait = f" waiting {row.get('wait_event_type')}:{row.get('wait_event')}" if row.get("wait_event_type") else ""
    lasted = f" for {age:.0f} s" if age is not None else ""
    who = f"{row.get('usename') or '?'}@{row.get('datname') or '?'} {row.get('application_name') or ''}".strip()
    return f"pid {row.get('pid')} {who}: {row.get('state') or '?'}{lasted}{wait}: {brief(row.get('query'))}"


def clients(activity: list[Row]) -> list[Row]:
    """Sessions of clients, without the server's own processes."""
    return [r for r in activity if r.get("backend_type") in (None, "client backend") and r.get("pid")]


_BLOCKERS_QUERY = (
    *("blocking_query", "blocking_statement", "blocker_query", "current_statement_in_blocking_process"),
    *("current_or_recent_query_in_blocking_process", "blocking_sql"),
)
_COUNTS = ("count", "connections", "sessions", "num", "n", "total", "numbackends")


def spread_out(activity: list[Row]) -> list[Row]:
    """Rows that count sessions by state or user, as the sessions they stand for."""
    found: list[Row] = []
    for row in activity:
        count = None if pids(row.get("pid")) else number(row, *_COUNTS)
        if count is None:
            found.append(row)
        else:
            found += [{**row, "pid": -1}] * min(int(count), _MOST_COUNTED)
    return found


def read_locks(book: Book, activity: list[Row], locks: list[Row], blocking: list[Row], now: datetime) -> set[int]:
    """Finds the session at the root of every queue; gives the pids that wait."""
    blockers = blocked_by(activity, locks, blocking)
    waits = {pid for pid, by in blockers.items() if by}
    by_pid = {**_of_blocking(blocking), **{int(r["pid"]): r for r in activity if pids(r.get("pid"))}}
    queue: Counter[int] = Counter()
    for pid in waits:
        queue.update(_roots(pid, blockers))
    for root, waiting in queue.most_common(3):
        row = by_pid.get(root, {"pid": root})
        line = f"{waiting} sessions wait for pid {root}: blocker {session_line(row, now)}"
        means = (
            f"pid {root} ({row.get('state') or 'unknown state'}) blocks {waiting} other sessions: "
            f"{brief(row.get('query'))}"
        )
        at = when(row.get("xact_start") or row.get("query_start"))
        book.sign("lock_contention", "proof", line, subject=f"pid {root}", at=at, means=means)
        book.owns(f"pid {root}")
        book.facts.setdefault("blockers", []).append({"pid": root, "state": row.get("state"), "waiting": waiting})
    waiting = [r for r in activity if r.get("wait_event_type") == "Lock"]
    if not queue and len(waiting) >= 3:
        line = f"{len(waiting)} sessions wait for locks, the blocker is not seen"
        book.sign("lock_contention", "strong", line, means=line)
    for row in sorted(waiting, key=lambda r: str(r.get("query_start")))[:5]:
        book.say(session_line(row, now))
    return waits | {int(r["pid"]) for r in waiting if pids(r.get("pid"))}


def _of_blocking(rows: list[Row]) -> dict[int, Row]:
    """What the rows of a blocking query tell of the blockers themselves."""
    found: dict[int, Row] = {}
    for row in rows:
        told: Row = {
            "pid": next((row[k] for k in ("blocking_pid", "blocker_pid") if row.get(k)), None),
            "usename": row.get("blocking_user") or row.get("blocking_usename"),
            "application_name": row.get("blocking_application") or row.get("blocking_application_name"),
            "state": row.get("blocking_state") or row.get("blocker_state"),
            "query": next((row[k] for k in _BLOCKERS_QUERY if row.get(k)), None),
            "xact_start": row.get("blocking_xact_start"),
            "duration": row.get("blocking_duration"),
        }
        for pid in pids(told["pid"])[:1]:
            found[pid] = told
    return found


def blocked_by(activity: list[Row], locks: list[Row], blocking: list[Row]) -> dict[int, set[int]]:
    """pid → pids it waits for: from pg_blocking_pids, a blocking query, or the locks themselves."""
    found: dict[int, set[int]] = {}
    for row in [*activity, *blocking, *locks]:
        pid = pids(row.get("blocked_pid") or row.get("waiting_pid") or row.get("pid"))[:1]
        by = next(
            (
                row[k]
                for k in ("blocked_by", "blocking_pids", "pg_blocking_pids", "blocking_pid", "blocker_pid")
                if row.get(k)
            ),
            None,
        )
        if pid and by is not None:
            found.setdefault(pid[0], set()).update(b for b in pids(by) if b)
    if found:
        return found
    held: dict[tuple[str, str], list[int]] = {}
    for lock in locks:
        if lock.get("granted") in (True, "t", "true"):
            for key in _keys(lock):
                held.setdefault(key, []).extend(pids(lock.get("pid")))
    for lock in locks:
        if lock.get("granted") in (False, "f", "false"):
            pid = pids(lock.get("pid"))
            if pid:
                others = {p for key in _keys(lock)[:1] for p in held.get(key, []) if p != pid[0]}
                found.setdefault(pid[0], set()).update(others)
    return found


def _keys(lock: Row) -> list[tuple[str, str]]:
    names = (
        ("transactionid", "virtualxid")
        if lock.get("locktype") in ("transactionid", "virtualxid")
        else ("relation", "relname")
    )
    return [(name, str(lock[name])) for name in names if lock.get(name) not in (None, "")]


def _roots(pid: int, blockers: dict[int, set[int]]) -> set[int]:
    seen: set[int] = set()
    roots: set[int] = set()
    ahead = [pid]
    while ahead:
        one = ahead.pop()
        if one in seen:
            continue
        seen.add(one)
        above = blockers.get(one, set()) - {one}
        if not above and one != pid:
            roots.add(one)
        ahead += above
    # A circle has no root: a deadlock, which the server resolves itself.
    return roots or (seen - {pid})


def read_sessions(
    book: Book, activity: list[Row], limit: float | None, waits: set[int], now: datetime, began: datetime
) -> None:
    """Idle transactions, running statements, the share of the connection slots in use, and who uses most of them."""
    mine = clients(spread_out(activity))
    states = Counter(str(r.get("state") or "?") for r in mine)
    summary = f"{len(mine)} client sessions" + (f" of {limit:.0f}" if limit else "") + ": "
    summary += ", ".join(f"{count} {state}" for state, count in states.most_common())
    idle = [
        r
        for r in mine
        if str(r.get("state", "")).startswith("idle in transaction") and _idle(r, now) >= _IDLE_LONG_SECONDS
    ]
    idle.sort(key=lambda r: -_idle(r, now))
    most = biggest(mine, began)
    if most is not None and len(mine) >= _SEVERAL:
        summary += f"; most: {most.said}"
        book.facts["connections"] = {"name": most.name, "user": most.user, "held": most.held, "of": len(mine)}
    if limit and len(mine) >= _MANY * limit:
        means = f"{len(mine)} of {limit:.0f} connections are in use"
        means += f", {most.said}" if most is not None else ""
        means += f", {len(idle)} idle in transaction" if idle else ""
        book.sign("connection_exhaustion", "proof", summary, means=means)
    else:
        book.say(summary)
    for row in idle[:3]:
        book.sign(
            "lock_contention",
            "weak",
            session_line(row, now),
            subject=f"pid {row.get('pid')}",
            means=f"pid {row.get('pid')} sits idle in a transaction for {_idle(row, now):.0f} s",
        )
        book.owns(f"pid {row.get('pid')}")
    if idle:
        book.facts["idle_in_transaction"] = [
            {"pid": r.get("pid"), "seconds": _idle(r, now), "database": r.get("datname")} for r in idle[:50]
        ]
        book.owns(*{f"database {r['datname']}" for r in idle if r.get("datname")})
    _running(book, mine, waits, now)
    _alike(book, mine, waits)
    _backups(book, mine, now)
    _upkeep(book, activity, now)


def _backups(book: Book, mine: list[Row], now: datetime) -> None:
    """Sessions that read everything once, for a long time, and are to."""
    for row in mine:
        said = " ".join(str(row.get(key) or "") for key in ("application_name", "usename"))
        age = seconds(row, now, ("xact_start", "query_start"), ("xact_age", "duration", "query_age")) or 0.0
        if BACKUP.search(said) and age >= _LONG_SECONDS and not str(row.get("state", "")).startswith("idle in"):
            pid, means = f"pid {row.get('pid')}", f"{said.strip()} has been reading for {age:.0f} s"
            book.sign("backup", "weak", session_line(row, now), subject=pid, means=means)


def _upkeep(book: Book, activity: list[Row], now: datetime) -> None:
    """Workers of the server's own that clean a table for long: the transaction that is that old is nobody's."""
    for row in activity:
        age = seconds(row, now, ("xact_start", "query_start"), ("xact_age", "duration", "query_age")) or 0.0
        if row.get("backend_type") == "autovacuum worker" and age >= _LONG_SECONDS:
            means = f"{brief(row.get('query'))} has been at work for {age:.0f} s"
            book.sign("upkeep", "weak", session_line(row, now), subject=f"pid {row.get('pid')}", means=means)


def _alike(book: Book, mine: list[Row], waits: set[int]) -> None:
    """Many sessions at the same statement: it is asked faster than it is answered."""
    active = [r for r in mine if r.get("state") == "active" and int(number(r, "pid") or 0) not in waits]
    kinds = Counter(template_of(brief(r.get("query"), 120)) for r in active if r.get("query"))
    for kind, count in kinds.most_common(1):
        if count >= _SAME and count >= len(active) / 2:
            line = f"{count} of {len(active)} active sessions run the same statement: {kind}"
            book.sign("slow_query", "weak", line, means=line)
            if count >= len(mine) / 2:
                book.facts["occupied_by"] = line


def _idle(row: Row, now: datetime) -> float:
    return seconds(row, now, ("state_change", "xact_start"), ("idle_seconds", "xact_age", "duration")) or 0.0


def _running(book: Book, mine: list[Row], waits: set[int], now: datetime) -> None:
    active = [r for r in mine if r.get("state") == "active" and int(number(r, "pid") or 0) not in waits]
    # Who waits for its client uses nothing of the server.
    active = [r for r in active if r.get("wait_event_type") != "Client"]
    lasting = [
        (seconds(r, now, ("query_start",), ("duration", "query_age", "duration_seconds")) or 0.0, r) for r in active
    ]
    lasting.sort(key=lambda pair: -pair[0])
    for age, row in lasting[:3]:
        if age >= _LONG_SECONDS and not brief(row.get("query")).lower().startswith(
            ("start_replication", "copy", "vacuum", "autovacuum", "listen")
        ):
            book.sign(
                "slow_query",
                "strong",
                session_line(row, now),
                subject=f"pid {row.get('pid')}",
                at=when(row.get("query_start")),
                means=(
                    f"pid {row.get('pid')} has been running one statement for {age:.0f} s: {brief(row.get('query'))}"
                ),
            )
            book.owns(f"pid {row.get('pid')}")
            book.facts.setdefault("runaway", []).append({"pid": int(number(row, "pid") or 0), "seconds": age})
        else:
            book.say(session_line(row, now))
