"""What a container finds where its data should be: a mount that it may only read, or nothing, for none was made."""

import re
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said, trouble_signals
from agent_graph.sources.docker.wiring import BOUND, READ_ONLY

# As systems and embedded stores say it; servers that serve readers alone say it of transactions.
_REFUSED = re.compile(
    r"read-?only (?:file ?system|database|directory|volume|mount)|\bEROFS\b|(?:is|opened|mounted) (?:as )?read-?only"
    r"|SQLITE_READONLY",
    re.IGNORECASE,
)
# As systemd says that it could not mount, and where; and mount itself, why not.
_NOT_MOUNTED = re.compile(r"^Failed to mount (?:\S+\.mount - )?(/[^\s.][^\s]*?)\.?$")
_WHY = re.compile(r"^mount(?:\.\w+)?: |\bmount error\b|special device .{1,200} does not exist", re.IGNORECASE)
_AT_ONCE = timedelta(seconds=90)
_SERVER = re.compile(r"transaction|replica|standby|super_read_only|READONLY You|index\b.{0,40}block", re.IGNORECASE)


def refused_by_mount(facts: Facts) -> Finding | None:
    """What it may not write, with the mount; None where no mount of data is read-only, or nothing says so."""
    container = facts.target
    line = container.quotes.get(READ_ONLY) if container is not None else None
    if container is None or line is None:
        return None
    # Refused since it was started with that mount, it may look as if it were always said.
    refused = [one for one in [*facts.matching(_REFUSED), *facts.usual] if _is_refusal(one)]
    if not refused:
        return None
    mounts = _told(line.partition(": ")[2].split("; "), refused)
    return Finding(
        category="permission_denied",
        statement=f"{name(facts)} is not allowed to write: {', '.join(mounts)} is mounted read-only; it says:"
        f" {said(refused[0])}.",
        supporting=[*log_citations(refused), container.cite(READ_ONLY, "mounted so"), *trouble_signals(facts)],
        strength="strong",
        onset=first_at(refused),
        disproof="Write to it from inside the container: success would rule it out.",
    )


def is_of_mount(line: LogLine, facts: Facts) -> bool:
    """Is it refused what its state shows that it may not do? Then it is no background, however seldom it is said."""
    shown = facts.target is not None and READ_ONLY in facts.target.quotes
    return shown and not line.speaker and _is_refusal(line)


def _is_refusal(line: LogLine) -> bool:
    bad = line.level not in ("info", "debug") and _REFUSED.search(line.text) is not None
    return bad and _SERVER.search(line.text) is None


def _told(mounts: list[str], refused: list[LogLine]) -> list[str]:
    """Those whose path is complained of; all, where no path is told."""
    named = [one for one in mounts if any(f"{one.split(' ')[0]}/" in f"{line.text}/" for line in refused)]
    return named or mounts


def never_mounted(facts: Facts) -> Finding | None:
    """The machine says that it could not mount what the container keeps its data in; and why not."""
    container = facts.target
    line = container.quotes.get(BOUND) if container is not None else None
    if container is None or line is None:
        return None
    lines = [*facts.lines, *facts.around]
    failed = [(one, found[1]) for one in lines if (found := _NOT_MOUNTED.search(one.message))]
    lost = [(one, path) for one, path in failed if re.search(rf"\({re.escape(path)}(?:/[^)]*)?\)", line)]
    if not lost:
        return None
    one, path = lost[-1]
    why = next((said_of for said_of in lines if _WHY.search(said_of.message) and _soon(said_of, one)), None)
    return Finding(
        category="dependency_failure",
        statement=f"{name(facts)} has its data in {path}, which its machine could not mount: {said(why or one, 240)}.",
        supporting=[
            *([why.cite("why not")] if why else []),
            one.cite("not mounted"),
            container.cite(BOUND, "its data"),
        ],
        strength="strong",
        onset=one.at,
        rooted=True,
        disproof=f"Look whether {path} is mounted on its machine, and what lies there.",
    )


def _soon(line: LogLine, failed: LogLine) -> bool:
    return line.at is not None and failed.at is not None and abs(failed.at - line.at) <= _AT_ONCE
