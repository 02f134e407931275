"""Which of the registered servers an incident is about: what labels and monitors name, not free text alone."""

import re
from collections.abc import Iterable, Sequence
from typing import Literal
from urllib.parse import urlsplit

from backend.connection.postgres import PostgresTarget
from backend.investigation.kinds import CaseFile

# own: the incident is about this server, and an action may be proposed for it. mentioned: somebody wrote its name.
Part = Literal["own", "mentioned"]
_MOST = 3
_ABOUT = re.compile(r"postgres|\bpg_|\bpsql\b", re.IGNORECASE)
_DATABASE_LABELS = ("datname", "database", "db")


def targets_of(case: CaseFile, targets: Sequence[PostgresTarget]) -> list[tuple[PostgresTarget, Part]]:
    """The servers to look at, the incident's own first."""
    named = {value.lower() for value in _values(case)}
    own = [t for t in targets if _is(t, named, case)]
    if not own and len(targets) == 1 and _only(case, targets[0]):
        own = list(targets)
    written = " ".join([case.title, case.description or "", case.hint or "", *_annotations(case)]).lower()
    found: list[tuple[PostgresTarget, Part]] = [(target, "own") for target in own]
    for target in targets:
        if target not in own and any(_word(name, written) for name in (target.name.lower(), target.host.lower())):
            found.append((target, "mentioned"))
    return found[:_MOST]


def _is(target: PostgresTarget, named: set[str], case: CaseFile) -> bool:
    host, database = target.host.lower(), target.database.lower()
    if target.name.lower() in named or f"{host}:{target.port}" in named:
        return True
    about = case.target.source_type == "database" or bool(_databases(case))
    return about and host in named and (not _databases(case) or database in _databases(case))


def _only(case: CaseFile, target: PostgresTarget) -> bool:
    """The one server there is, when the incident is about PostgreSQL and names no other database.

    An exporter's `instance` is the exporter's address, so the server's own often appears nowhere.
    """
    about = case.target.source_type == "database" or any(_ABOUT.search(alert.name) for alert in case.alerts)
    named = _databases(case)
    return about and (not named or target.database.lower() in named)


def _databases(case: CaseFile) -> set[str]:
    return {labels[key].lower() for labels in _labels(case) for key in _DATABASE_LABELS if labels.get(key)}


def _labels(case: CaseFile) -> list[dict[str, str]]:
    return [case.target.labels, *(alert.labels for alert in case.alerts)]


def _values(case: CaseFile) -> Iterable[str]:
    yield case.target.name
    if case.target.server_name:
        yield case.target.server_name
    for labels in _labels(case):
        yield from labels.values()
    if case.monitor is not None:
        yield case.monitor.name
        parts = urlsplit(case.monitor.address if "://" in case.monitor.address else f"//{case.monitor.address}")
        yield from (part for part in (parts.netloc.rpartition("@")[2], parts.hostname) if part)


def _annotations(case: CaseFile) -> list[str]:
    return [text for alert in case.alerts[:5] for text in alert.annotations.values()]


def _word(name: str, text: str) -> bool:
    return len(name) > 2 and re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text) is not None
