"""A renewed certificate that nobody sees: whoever shows it runs since before, and shows what it loaded at its start."""

import re
from datetime import UTC, datetime

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.sources import renewals
from agent_graph.wording import moment
from backend.investigation.kinds import Citation

_RENEWED = re.compile(
    r"\b(?:renewed|reissued|re-issued|rotated|obtained|issued|replaced)\b|renewal succe", re.IGNORECASE
)
_FAILED = re.compile(r"\bnot\b|fail|unable|error|could ?n.t|denied", re.IGNORECASE)
_UNTIL = re.compile(
    r"(?:expir\w+(?: on| at|:)?|valid (?:until|till|to)|not ?after[=: ]+) ?(\d{4}-\d\d-\d\d)", re.IGNORECASE
)


def unloaded(facts: Facts) -> tuple[str, list[Citation]]:
    """As the end of a sentence, with quotes; empty where it was not renewed, or was started since."""
    container = facts.target
    started = container.started_at if container is not None and container.running else None
    told = [line for line in [*facts.changes, *facts.around, *facts.lines] if line.at and renewals.tells(line.text)]
    renewed = [line for line in told if _is_renewal(line) and started and line.at and line.at > started]
    valid = [line for line in told if (until := _until(line)) and until > facts.case.now]
    if container is not None and started and renewed:
        at = renewed[-1].at
        why = f"It was renewed at {moment(at, seconds=False)}" if at else ""
        runs = f"{container.name} runs since {started:%Y-%m-%d} and must load it (a reload or a restart)"
        cited = [renewed[-1].cite("it was renewed"), container.cite("started at", "it was not started since")]
        return f". {why}, but {runs}", cited
    if valid:
        until = _until(valid[-1])
        newer = (
            f". The one that is kept is valid until {until:%Y-%m-%d}, so what is shown is an old cert" if until else ""
        )
        return f"{newer} that was loaded before", [valid[-1].cite("a newer one is there")]
    return "", []


def _is_renewal(line: LogLine) -> bool:
    said = _RENEWED.search(line.message)
    return said is not None and not _FAILED.search(line.message[: said.end()])


def _until(line: LogLine) -> datetime | None:
    found = _UNTIL.search(line.message)
    try:
        return datetime.fromisoformat(found[1]).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None
