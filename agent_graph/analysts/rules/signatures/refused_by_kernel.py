"""permission_denied told by the machine: its security module refuses what the target calls by another name."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said, trouble_signals
from agent_graph.sources.signs import aliases
from backend.investigation.kinds import Category
from backend.redaction.clean import one_line

# SELinux and AppArmor; what is only noted (permissive, complain) was let through.
_REFUSED = re.compile(r"\bavc: {1,2}denied {1,2}\{[^}]{1,80}\}|\bapparmor=\\?\"DENIED\\?\"")
_LET_THROUGH = re.compile(r"\bpermissive=1\b")
_FIELD = re.compile(r"\b(comm|name|path)=\\?\"([^\"\\]{1,200})\\?\"")
# The kernel keeps so many letters of a process's name.
_KEPT = 15
# A name of a file that says which file it is.
_CHOSEN = 4
_BEFORE, _UNHEARD = timedelta(minutes=30), timedelta(minutes=2)
_SYMPTOMS: frozenset[Category] = frozenset(
    {"app_crash", "restart_loop", "dependency_failure", "config_error", "probe_failure", "network_error"}
)


def refused_by_kernel(facts: Facts) -> Finding | None:
    """Refused since it began, to a process of the target or for a file that the target complains of.

    Some systems note refusals at all times that hurt nobody: what was refused before, too, is no cause.
    """
    signals = [*trouble_signals(facts)[:3], *([facts.alert] if facts.alert is not None else [])]
    refused = [line for line in [*facts.lines, *facts.around] if _is_refusal(line)]
    own = [line for line in refused if _of_target(line, facts)]
    if not own or not signals or not _is_new(own, facts):
        return None
    complaints = [line for line in facts.lines if line.is_bad and line not in refused and not line.speaker]
    what = f"; it says itself: {said(complaints[0])}" if complaints else ""
    return Finding(
        category="permission_denied",
        statement=f"{name(facts)} is refused what it must do by its machine's own rules: {_told(own[0])}{what}.",
        supporting=[
            *log_citations(own, 1),
            *(line.cite("what comes of it") for line in complaints[:1]),
            *signals,
        ],
        strength="strong",
        onset=first_at(own),
        explains=_SYMPTOMS,
        rooted=True,
        disproof="Do the same with the rules set to note only (permissive): failing all the same would rule it out.",
    )


def _is_refusal(line: LogLine) -> bool:
    return line.at is not None and _REFUSED.search(line.text) is not None and not _LET_THROUGH.search(line.text)


def _told(line: LogLine) -> str:
    """From where it comes to the point: records of an audit begin with a number that says nothing."""
    found = _REFUSED.search(line.text)
    return one_line(line.text[found.start() if found else 0 :], 300).rstrip(".")


def _is_new(refused: Sequence[LogLine], facts: Facts) -> bool:
    began = first_at(refused)
    if began is None or began < facts.case.started_at - _BEFORE:
        return False
    return facts.heard_since is None or began - facts.heard_since >= _UNHEARD


def _of_target(line: LogLine, facts: Facts) -> bool:
    fields = dict(_FIELD.findall(line.text))
    process, file = fields.get("comm", "").lower(), fields.get("name") or fields.get("path", "")
    own = [alias.lower() for alias in [*aliases(facts.case), name(facts)]]
    words = {word for alias in own for word in (alias[:_KEPT], *re.split(r"[-_./@]", alias))}
    if process and process in words:
        return True
    last = file.rstrip("/").rpartition("/")[2]
    asked = re.compile(rf"(?<![\w-]){re.escape(last)}(?![\w-])")
    return len(last) >= _CHOSEN and any(
        one.is_bad and not one.speaker and one is not line and asked.search(one.message) for one in facts.lines
    )
