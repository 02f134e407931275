"""What was begun about then, as a log says once: a job, a backup, a reboot, an upgrade, a mailing, a hand at a console.

Logs repeat what is always so; what was done at one time is a line that is said once, whatever its level.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.parts import said
from backend.redaction.clean import one_line

_BEFORE, _AFTER = timedelta(minutes=35), timedelta(minutes=3)
_RARE = 2
# A word of a deed, and that it was begun or by whom: less is said by chance beside every trouble.
_PLAIN = 3
# It stands among what is shown of a finding, after what the finding rests on.
_SHOWN = 4
# Somebody or something acts: not what is said of a request that was served, and not how it fails.
_DONE_BY = re.compile(
    r"\bsystemd\b.{0,200}(?:start|stop|reload)"
    r"|(?:start|stopp|reload|restart)(?:ing|ed) \S{1,200}\.(?:service|timer|target|mount)"
    r"|(?<!\S)\S{1,200}\.(?:service|timer): (?:deactivated|succeeded|finished)|\bCRON\b|\bCMD \(|COMMAND=|\bsudo\b"
    r"|re-?boot(?:ing|-required|ed)?\b|shutting down for|system is (?:going|re)|Linux version|kexec",
    re.IGNORECASE,
)
_DEED = re.compile(
    r"\b(?:dump(?:ing|ed)?|backing up|backup|snapshot|archiv(?:e|ing)|staging|restor(?:e|ing)|pg_dump|mysqldump"
    r"|mariadb-dump|borg|restic|rsync|scrub|resilver|re-?index(?:ing)?|vacuum(?:ing)?|compact(?:ing|ion)|optimi[sz]ing"
    r"|upgrad(?:e|ing|ed)|unattended|updat(?:ing|ed)|(?<!not )install(?:ing|ed)|migrat(?:ing|ion|e)|deploy(?:ing|ed)"
    r"|roll(?:ing|ed) (?:out|back)|re-?load(?:ing|ed)|re-?start(?:ing|ed)|rotat(?:ing|ed)|renew(?:ing|ed)"
    r"|import(?:ing)?|export(?:ing)?|sync(?:ing|hroni[sz]ing)?|batch|campaign|newsletter|mailing|bulk|crawl(?:ing)?"
    r"|nightly|scheduled|timer|cron(?:job)?|maintenance|fail(?:ing)?over|switch(?:ing)? ?over|promot(?:e|ing|ed)"
    r"|scal(?:ing|ed)|resiz(?:e|ing)|drain(?:ing|ed)|flush(?:ing|ed)?|prun(?:e|ing)|load[- ]?test|enabl(?:e|ed|ing)"
    r"|disabl(?:e|ed|ing))\b",
    re.IGNORECASE,
)
_BEGUN = re.compile(r"start|begin|creat|launch|trigger|rebooting|upgrading|dumping|reloading", re.IGNORECASE)
# What a machine does every hour or day beside its work.
_HOUSEKEEPING = re.compile(
    r"\bsession c?\d+ of|daily apt download|apt-daily\.|logrotate|fstrim|man-db|motd-news|phpsessionclean|sysstat"
    r"|systemd-tmpfiles|e2scrub|run-parts|anacron",
    re.IGNORECASE,
)
_REQUEST = re.compile(r"\"?(?:GET|POST|PUT|HEAD|PATCH|DELETE|OPTIONS|PROPFIND) /|HTTP/\d")
# Where in a program it went wrong: nobody did that.
_FRAME = re.compile(r"\s*(?:File \"|at \S+\()")


def deeds(facts: Facts, began: datetime, until: datetime, most: int = 2) -> list[LogLine]:
    """Those that came shortly before it began, the nearest first; else those that were done while it lasted."""
    rare = _rare([*facts.lines, *facts.usual, *facts.around])
    told = [line for line in rare if line.at and began - _BEFORE <= line.at <= max(began + _AFTER, until)]
    told = [line for line in told if _weight(line)]
    early = [line for line in told if line.at and line.at <= began + _AFTER]
    chosen = sorted(early or told, key=lambda line: (-_weight(line), abs(_since(line, began))))[:most]
    return sorted(chosen, key=lambda line: line.at or began)


def with_deed(finding: Finding, facts: Facts) -> Finding:
    """What is wrong, with what was plainly begun shortly before it, unless it rests on that anyway."""
    began = finding.onset or facts.case.started_at
    began = began if abs(facts.case.started_at - began) <= _BEFORE else facts.case.started_at
    quotes = finding.quotes
    found = [line for line in deeds(facts, began, began) if _weight(line) >= _PLAIN and line.cite().quote not in quotes]
    if not found:
        return finding
    told = "; ".join(said(line, 160) for line in found)
    return replace(
        finding,
        statement=one_line(f"{finding.statement.rstrip('.')}. About then: {told}", 900).rstrip(".") + ".",
        supporting=finding.supported((line.cite("begun about then") for line in found), after=_SHOWN),
    )


def _rare(lines: Sequence[LogLine]) -> list[LogLine]:
    kinds: dict[str, LogLine] = {}
    for line in lines:
        of_work = not _REQUEST.search(line.message) and not _FRAME.match(line.message)
        if line.count <= _RARE and not line.is_error and of_work:
            kinds.setdefault(kind_of(line), line)
    return list(kinds.values())


def _weight(line: LogLine) -> int:
    """0 for what is no deed; a deed that was begun by a plan or a hand weighs more than a word of it."""
    if _HOUSEKEEPING.search(line.message):
        return 0
    by, deed = _DONE_BY.search(line.message) is not None, _DEED.search(line.message) is not None
    return 0 if not (by or deed) else 1 + by + deed + (_BEGUN.search(line.message) is not None)


def _since(line: LogLine, began: datetime) -> timedelta:
    return (line.at or began) - began
