"""The log file a monitor names: only below the folders the settings allow, links followed first, its end only."""

import asyncio
import os
import stat
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from agent_graph.deps import Ask, Source, Tool
from agent_graph.logs.digest import digest
from agent_graph.safety.evidence import safe_log
from agent_graph.sources.asking import BEFORE, WIDER, Trouble, attempt, window
from backend.investigation.kinds import CaseFile, Evidence
from backend.settings import Settings

NAME = "log_file"
DRILL_LOGS = Path("drill", "logs")


class LogFileSource:
    """Reads files as the agent's own user, below `roots` only."""

    name = NAME
    tools = (
        Tool(
            "log_file_search",
            "Lines of the target's log file that contain a text, case-insensitive.",
            {
                "type": "object",
                "properties": {"contains": {"type": "string", "minLength": 1, "maxLength": 200}},
                "required": ["contains"],
                "additionalProperties": False,
            },
        ),
    )

    def __init__(self, roots: tuple[Path, ...], seconds: float, max_bytes: int) -> None:
        self._roots = roots
        self._seconds = seconds
        self._max_bytes = max_bytes

    def first(self, case: CaseFile) -> list[Ask]:
        """Only where the monitor names a file."""
        return [Ask(source=NAME, what="tail")] if _named(case) else []

    def wider(self, case: CaseFile) -> list[Ask]:
        """Lines from long before, too."""
        return (
            [Ask(source=NAME, what="tail", args={"minutes": int(WIDER.total_seconds() // 60)})] if _named(case) else []
        )

    async def answer(self, case: CaseFile, ask: Ask) -> list[Evidence]:
        """The digest of the file's end within the window, or of the lines that contain a text."""
        named = _named(case)
        if not named:
            return []
        contains = str(ask.args.get("contains") or "")
        start, end = window(case, timedelta(minutes=float(str(ask.args.get("minutes", BEFORE.total_seconds() / 60)))))
        query = f"end of {named}" + (f", lines containing {contains!r}" if contains else "")
        blank = Evidence(
            source=NAME,
            kind="log",
            title=f"Log file {Path(named).name}",
            query=query,
            window_start=start,
            window_end=end,
        )
        # The file goes on after the case was opened; what it says meanwhile is welcome.
        work = asyncio.to_thread(self._read, blank, named, contains, start)
        return [await attempt(blank, work, self._seconds)]

    def _read(self, blank: Evidence, named: str, contains: str, since: datetime) -> Evidence:
        raw, cut = tail(allowed(Path(named), self._roots), self._max_bytes)
        text = safe_log(raw)
        if contains:
            text = "\n".join(line for line in text.split("\n") if contains.lower() in line.lower())
        found = digest(text, since=since)
        return blank.model_copy(
            update={
                "summary": found.summary,
                "content": found.content,
                "data": found.data,
                "truncated": cut or found.kept < found.lines,
            }
        )


def _named(case: CaseFile) -> str:
    return str(case.monitor.config.get("logs_file") or "") if case.monitor else ""


def allowed(path: Path, roots: tuple[Path, ...]) -> Path:
    """The file behind the name, if it lies below one of the roots after all links are resolved. Raises Trouble."""
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        raise Trouble("there is no such file") from None
    if not any(real.is_relative_to(root.resolve()) for root in roots):
        raise Trouble("it lies outside the folders in NIGHTDESK_LOG_ROOTS, so it is not read")
    return real


def tail(path: Path, max_bytes: int) -> tuple[bytes, bool]:
    """The last `max_bytes` from the start of a line on; True when the file is longer. Raises Trouble, OSError."""
    # O_NONBLOCK: opening a named pipe must not wait for its writer. O_NOFOLLOW: the name was resolved already.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise Trouble("it is not a regular file")
    start = max(0, found.st_size - max_bytes)
    with os.fdopen(descriptor, "rb") as file:
        file.seek(start)
        data = file.read(max_bytes)
    if start and b"\n" in data:
        data = data.split(b"\n", 1)[1]
    return data, start > 0


async def open_source(settings: Settings, http: httpx.AsyncClient, stack: AsyncExitStack) -> Source | str:
    """Always there: the fire drill writes its logs below the data directory."""
    roots = (*settings.log_roots, settings.data_dir / DRILL_LOGS)
    return LogFileSource(roots, settings.source_timeout_seconds, settings.log_read_bytes)
