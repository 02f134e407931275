"""Who holds what others wait for, as lists of sessions and complaints about locks in the logs tell it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from agent_graph.analysts.rules.facts import Facts, LogLine
from backend.investigation.kinds import Citation
from backend.redaction.clean import one_line

# SHOW PROCESSLIST: Id, User, Host, db, Command, Time, State, Info; with pipes or tabs, whoever wrote it to a log.
_BETWEEN = re.compile(r"[|\t]")
_COLUMNS = 8
_ID = re.compile(r"(?<!\d)\d{1,12}$")
# The same as key=value, as samplers write it.
_PAIR = re.compile(r"(?<![\w.])(id|user|command|cmd|time|state|info)=", re.IGNORECASE)
_COMMAND = re.compile(r"[A-Z][\w ]{0,40}")
_WAITS = re.compile(r"waiting for (?:\w+ )*(?:lock|metadata)|^locked$|waiting for table", re.IGNORECASE)
# Whose locks were granted (performance_schema), and whose transaction is open (InnoDB's status).
_GRANTED = re.compile(r"\bGRANTED\b.{0,80}?(?:processlist_id|thread_id|THREAD)\W+(\d+)", re.IGNORECASE)
_OPEN = re.compile(r"\bMySQL thread id (\d+)")
_IDLE = ("sleep",)
# How far apart the lines of one list may be, and how many seconds nobody waits in good times.
_ONE_LIST, _LONG = timedelta(seconds=30), 30
# A transaction in InnoDB's status: how long it is open, whether it waits itself, what it holds, and whose it is.
_ACTIVE = re.compile(r"---TRANSACTION \d+, ACTIVE (\d{1,9}) sec")
_HOLDS = re.compile(r"\b([1-9]\d{0,9}) row lock\(s\)")
_WHOSE = re.compile(r"MySQL thread id (\d{1,12}),.{0,80}?query id \d+ (?:localhost )?(\S{1,80}) (\S{1,80})")
_ITSELF_WAITS = "LOCK WAIT"
_LINES_EACH = 6
# So many must be told the same before it counts without a word of the target's own.
_SEVERAL = 3
# PostgreSQL beneath "still waiting": the pids, and everybody else's way of naming a holder.
_HOLDING = re.compile(r"[Pp]rocess(?:es)? holding the lock: ([\d, ]+\d)")
_HELD_BY = re.compile(
    r"\b(?:currently |already )?(?:held|locked|owned|blocked|acquired) by (?!another\b|other\b)"
    r"(?:[a-z]+ ){0,2}[\"'(\[]?([\w][\w.@:/-]*\w)",
)


@dataclass(frozen=True)
class Holder:
    """Who it is, in a sentence, and the lines that say so, the most telling first.

    `since`: from when on others wait for it, where the newest list of sessions shows them together.
    """

    said: str
    lines: tuple[LogLine, ...]
    since: datetime | None = None

    def cited(self) -> list[Citation]:
        """As quotes."""
        return [line.cite("who holds it, and who waits") for line in self.lines]


def holder(facts: Facts) -> Holder | None:
    """From a list of sessions, else from who is said to hold the lock."""
    lines = [*facts.lines, *facts.around]
    return _of_sessions(lines) or _of_transactions(lines) or _of_words(lines)


def is_session(line: LogLine) -> bool:
    """Is it a row of a list of sessions?"""
    return _session(line) is not None


@dataclass(frozen=True)
class _Session:
    id: str
    user: str
    command: str
    seconds: int
    state: str
    info: str
    line: LogLine


def _of_sessions(lines: Sequence[LogLine]) -> Holder | None:
    """The first in the queue waits for one that was there before it; all the others wait for the first."""
    sessions = {one.id: one for line in lines if (one := _session(line)) is not None}
    waiting = sorted((one for one in sessions.values() if _WAITS.search(one.state)), key=lambda one: -one.seconds)
    if not waiting:
        return None
    first = waiting[0]
    known = {
        n
        for line in lines
        for found in (_GRANTED.search(line.text), _OPEN.search(line.text))
        if found
        for n in found.groups()
    }
    before = [one for one in sessions.values() if one not in waiting and one.seconds >= first.seconds]
    named = [one for one in before if one.id in known]
    asleep = [one for one in before if one.command.lower() in _IDLE]
    holds = (named or (asleep if len(asleep) == 1 else []) or [None])[0]
    queue = f"{len(waiting)} sessions are {first.state.lower()}, first {first.id} ({first.user})"
    queue += f": {one_line(first.info, 80)}"
    if holds is None:
        return Holder(queue, (first.line,))
    doing = "idle" if holds.command.lower() in _IDLE else "at work"
    said = f"session {holds.id} of {holds.user}, {doing} for {holds.seconds} s, holds it; {queue}"
    return Holder(said, (holds.line, first.line), _since(first, holds, sessions.values()))


def _since(first: _Session, holds: _Session, sessions: Iterable[_Session]) -> datetime | None:
    """When the first of the queue began to wait: by the newest list, and for longer than statements may take."""
    newest = max((one.line.at for one in sessions if one.line.at), default=None)
    together = all(newest and one.line.at and newest - one.line.at <= _ONE_LIST for one in (first, holds))
    long = first.seconds >= _LONG and first.line.at is not None
    return first.line.at - timedelta(seconds=first.seconds) if together and long and first.line.at else None


def _session(line: LogLine) -> _Session | None:
    cells = [cell.strip() for cell in _BETWEEN.split(line.text)]
    for first in range(len(cells) - _COLUMNS + 1):
        number, user, _, _, command, seconds, state, info = cells[first : first + _COLUMNS]
        known = _ID.search(number)
        if known and user and _COMMAND.fullmatch(command) and seconds.isdecimal() and len(seconds) < 12:
            return _Session(known[0], user, command, int(seconds), state, info, line)
    return _session_of_pairs(line)


def _session_of_pairs(line: LogLine) -> _Session | None:
    """Each key has what stands until the next one."""
    keys = list(_PAIR.finditer(line.text))
    ends = [*(key.start() for key in keys[1:]), len(line.text)]
    cells = {key[1].lower(): line.text[key.end() : end].strip() for key, end in zip(keys, ends, strict=False)}
    number, user, seconds = (cells.get(key, "").split(" ")[0] for key in ("id", "user", "time"))
    command = (cells.get("command") or cells.get("cmd", "")).strip("\"'")
    if not (number.isdecimal() and user and command and seconds.isdecimal() and len(seconds) < 12):
        return None
    return _Session(number, user, command, int(seconds), cells.get("state", ""), cells.get("info", ""), line)


def _of_transactions(lines: Sequence[LogLine]) -> Holder | None:
    """The one that is open longest and holds rows without waiting itself."""
    heads = [n for n, line in enumerate(lines) if _ACTIVE.search(line.text)]
    found: list[tuple[int, Holder]] = []
    for head, after in pairwise([*heads, len(lines)]):
        block = lines[head : min(after, head + _LINES_EACH)]
        text = "\n".join(line.text for line in block)
        active, holds, whose = _ACTIVE.search(text), _HOLDS.search(text), _WHOSE.search(text)
        if active and holds and whose and _ITSELF_WAITS not in text:
            said = f"session {whose[1]} of {whose[3]} ({whose[2]}) holds {holds[1]} rows in a transaction"
            own = next((line for line in block if _WHOSE.search(line.text)), block[0])
            cited = tuple(dict.fromkeys((own, block[0])))
            found.append((int(active[1]), Holder(f"{said} that has been open for {active[1]} s", cited)))
    return max(found, key=lambda one: one[0])[1] if found else None


def _of_words(lines: Sequence[LogLine]) -> Holder | None:
    """The holder that is named most often, with a line of its own where there is one."""
    named: dict[str, list[LogLine]] = {}
    for line in lines:
        found = _HOLDING.search(line.text) or _HELD_BY.search(line.text)
        if found is not None:
            named.setdefault(found[1].split(",")[0].strip(), []).append(line)
    if not named:
        return None
    who = max(named, key=lambda one: sum(line.count for line in named[one]))
    own = next((line for line in lines if f"[{who}]" in line.text and line not in named[who]), None)
    return Holder(f"held by {who}", (named[who][0], *([own] if own else [])), _told_since(named[who]))


def _told_since(named: Sequence[LogLine]) -> datetime | None:
    """From when on, where the server itself names the same one to several who wait; one alone may pass in a moment."""
    told = [line for line in named if _HOLDING.search(line.text) and line.at]
    return told[0].at if sum(line.count for line in told) >= _SEVERAL else None
