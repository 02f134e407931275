"""What was at work when a process was killed: begun before it, and never heard of as done.

Whoever takes the work up again after each start is killed by it again: what was begun several times and is never done
is the first suspect.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import said
from agent_graph.sources.signs import when
from backend.investigation.kinds import Category, Citation
from backend.redaction.clean import one_line

_KILLED: frozenset[Category] = frozenset({"oom", "memory_pressure", "app_crash", "restart_loop"})
_BEFORE = timedelta(minutes=20)
_KILL = re.compile(r"killed process|\boom[-_ ]?kill|terminated by signal|SIGKILL|SIGSEGV|signal 9", re.IGNORECASE)
# Who ended it says itself what it did.
_DIRECT = re.compile(r"failed process was running: .+|\bwhile (?:process|handl|execut|render|import|run)ing .+", re.I)
_BEGINS = re.compile(
    r"\b(?:start(?:ed|ing)?|begin(?:ning)?|begun|process(?:ing|es)|receiv(?:ed|ing)|download(?:ing|ed)|load(?:ing|ed)?"
    r"|read(?:ing)?|pars(?:ing|ed)|import(?:ing)?|export(?:ing)?|generat(?:ing|e)|render(?:ing)?|build(?:ing)?"
    r"|execut(?:ing|e)|running|picked up|claimed|accepted|fetch(?:ing|ed)|open(?:ing|ed)|convert(?:ing)?|merging"
    r"|aggregating|sorting|unpacking|decoding|resizing|transcoding|training)\b",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"\b(?:done|finished|complete[ds]?|succe\w+|failed|ended|closed|delivered|acked|released|rolled back|committed"
    r"|rendered|processed|imported|exported|generated|elapsed|took)\b|\b(?:status|code)[=:\" ]+[1-5]\d\d\b",
    re.IGNORECASE,
)
# What every start says of the process itself is no work of it.
_OWN_START = re.compile(
    r"boot(?:ed|ing)|listening|server (?:is )?(?:start|ready)|starting (?:up|server|application|worker)"
    r"|connect(?:ed|ing) to|initiali[sz]|version|loaded (?:config|plugin|module)|configuration|health|metrics",
    re.IGNORECASE,
)
# What tells one piece of work from another: an identifier, or the name of a job, a file, a path.
_IDENTITY = re.compile(
    # A process, a thread or a customer is no piece of work.
    r"\b(?!(?:p|t|thread|host|client|node|instance|account|user|tenant|container)_?id\b)"
    r"\w{0,40}(?:id|jid|job|task|key|uuid|trace|request|req|import|export|report|file|path|batch|class|name)[=:\"' ]+"
    r"[\"'\[]{0,2}([\w./@-]{0,80}\d[\w./@-]{0,80}|[\w-]+\.\w{2,5}|[A-Z][a-z]+[A-Z]\w+)|\[([0-9a-f-]{8,})\]|#(\d{2,})"
    r"|\b([\w-]{1,80}\.(?:csv|xlsx?|json|xml|zip|gz|parquet|pdf|mp4|mov|png|jpe?g|tiff?|sql|avro|log))\b"
    r"|\b([a-z]\w{0,40}(?:\.\w{1,40}){1,6})\[",
    re.IGNORECASE,
)
# Every line has one.
_DATE = re.compile(r"\d{4}[-/]\d\d[-/]\d\d|\d\d:\d\d")
_DETAIL = re.compile(r"\b\d{4,}\b|\d ?[KMGT]i?B\b|\.\w{3,4}\b|=\d+|rows|records|pages|bytes|lines", re.IGNORECASE)


def at_work(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """For the statement, with a quote: what the process was doing when it was ended."""
    if finding.category not in _KILLED:
        return
    # What is always said is how work begins and ends.
    own = [line for line in [*facts.lines, *facts.usual] if not line.speaker]
    direct = next((line for line in [*own, *facts.around] if _DIRECT.search(line.message)), None)
    if direct is not None:
        yield f"At work when it was ended: {said(direct, 300)}", direct.cite("what it did when it was ended")
        return
    found = _unfinished(sorted((line for line in own if line.at), key=_at), _kills(facts))
    if found:
        times = f" (begun {len(found)} times, never done)" if len(found) > 1 else ""
        best = max(found, key=lambda line: (len(_DETAIL.findall(line.message)), _at(line)))
        yield f"At work when it was ended{times}: {_told(best)}", best.cite("begun, and never heard of as done")


def _told(line: LogLine) -> str:
    """The message, or the whole line where only its other fields tell which work it is."""
    whole = line.text.partition(" ")[2] if line.text[:1].isdigit() else line.text
    return said(line, 300) if _IDENTITY.search(line.message) else one_line(whole, 300)


def _at(line: LogLine) -> datetime:
    assert line.at is not None
    return line.at


def _kills(facts: Facts) -> list[datetime]:
    told = [at for text in facts.platform.get("ended", []) if (at := when(text))]
    told += [one.finished_at for one in facts.containers if one.data.get("of_target") and one.finished_at]
    told += [line.at for line in [*facts.lines, *facts.around, *facts.events] if line.at and _KILL.search(line.text)]
    return sorted(told)


def _unfinished(lines: Sequence[LogLine], kills: Sequence[datetime]) -> list[LogLine]:
    """The lines that begin the work which was begun before most of the kills and is said to be done before none."""
    if not kills:
        return []
    done = [(_things(line), _at(line)) for line in lines if _ENDS.search(line.message)]
    open_: list[tuple[frozenset[str], LogLine]] = []
    for line in lines:
        things, at = _things(line), _at(line)
        end = next((kill for kill in kills if at <= kill <= at + _BEFORE), None)
        if end is None or not things or not _begins(line):
            continue
        if not any(things & others and at <= ended <= end for others, ended in done):
            open_.append((things, line))
    often = Counter(thing for things, _ in open_ for thing in things)
    if not open_:
        return []
    top, _ = max(often.items(), key=lambda pair: pair[1])
    meant = [line for things, line in open_ if top in things] if often[top] > 1 else [open_[-1][1]]
    return meant


def _begins(line: LogLine) -> bool:
    text = line.message
    return _BEGINS.search(text) is not None and not _ENDS.search(text) and not _OWN_START.search(text)


def _things(line: LogLine) -> frozenset[str]:
    parts = {part.lower() for found in _IDENTITY.findall(line.text) for part in found if len(part) > 2}
    return frozenset(part for part in parts if not _DATE.match(part))
