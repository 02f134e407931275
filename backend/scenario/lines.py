"""Log lines of stored evidence as a scenario keeps them: with their time, and whose they are."""

import re
from collections.abc import Sequence
from typing import Any

from backend.investigation.kinds import CaseFile, Evidence
from backend.scenario.privacy import Hide

Row = dict[str, Any]

_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) ?")
_STREAM = re.compile(r"\[([^\]\s]{1,200})\] ")
# How a digest marks what it left out.
_GAP = re.compile(r"⋯ [\d,]+ lines left out")


def rows_of(case: CaseFile, logs: Sequence[Evidence], hidden: Hide) -> list[Row]:
    """Every line once: a wider look repeats what the first one found."""
    known: set[str] = set()
    found: list[Row] = []
    for evidence in logs:
        rows = _rows(case, evidence, hidden)
        found += [row for row in rows if repr(row) not in known]
        known |= {repr(row) for row in rows}
    return found


def _rows(case: CaseFile, evidence: Evidence, hidden: Hide) -> list[Row]:
    own = evidence.data.get("own") is not False
    whose = case.target.name if own else str(evidence.data.get("container") or "unknown")
    rows: list[Row] = []
    # As a whole first: a private key is many lines.
    for line in hidden(evidence.content).split("\n"):
        if not line.strip() or _GAP.fullmatch(line):
            continue
        stamp = _STAMP.match(line)
        if stamp is None and rows and "ts" in rows[-1]:
            # The rest of an entry: a stack trace has one time.
            rows[-1]["line"] += f"\n{line}"
            continue
        rest = line[stamp.end() :] if stamp else line
        stream = None if own else _STREAM.match(rest)
        labels = {"service": stream[1] if stream else whose, "source": evidence.source}
        row: Row = {"ts": stamp[1]} if stamp else {}
        rows.append({**row, "labels": labels, "line": rest[stream.end() :] if stream else rest})
    return rows
