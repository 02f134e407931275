"""What a process was at when it ended: the work that it takes up again in each run, or began and was never done with.

Whoever takes the work up again after each start is killed by it again: what was begun several times and is never done
is the first suspect.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.parts import said
from agent_graph.sources.signs import when
from backend.investigation.kinds import Category, Citation
from backend.redaction.clean import one_line

_ENDED: frozenset[Category] = frozenset({"oom", "restart_loop", "app_crash"})
# One piece of work by its name: jid=44f0…, file=big.csv, offset 48812.
_WORK = re.compile(
    r"\b(\w*(?:id|key|offset|job|task|message|file|batch|record|order|import|export|report|document|uuid))"
    r"[\"']?[=: #]{1,3}[\"']?([\w./-]*\d[\w./-]{3,}|[\w/-]+\.\w{2,5})",
    re.IGNORECASE,
)
_WHO = re.compile(
    r"^(?:[pt]id|thread\w*|container\w*|instance\w*|host\w*|client\w*|group\w*|node\w*|app\w*|account\w*)", re.I
)
# So far apart it is another run; so few lines of all are of one piece of work.
_ANOTHER_RUN, _FEW = timedelta(minutes=2), 0.2

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


def at_work(finding: Finding, facts: Facts) -> list[tuple[str, Citation]]:
    """For the statement, with a quote: what it is at in every run says more than what it was at in the last one."""
    return list(_in_each_run(finding, facts)) or list(_in_its_last_run(finding, facts))


def _in_each_run(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """One job, file or message that it takes up again after every start."""
    restarted = facts.target is not None and facts.target.restarts > 0
    ends = restarted or any(facts.signs_of(c, "proof", "strong") for c in ("restart_loop", "oom"))
    if finding.category not in _ENDED or not ends:
        return
    found = _of_several_runs([line for line in facts.lines if line.at and not line.speaker])
    # The same piece of work, told already, needs no second sentence.
    if found and not any(value in finding.told for line in found for _, value in _WORK.findall(line.message)):
        line = found[0]
        yield f"Each time it was at the same work: {said(line, 240)}", line.cite("taken up again in each run")


def _of_several_runs(lines: list[LogLine]) -> list[LogLine]:
    """The lines of the one piece of work that was said in most runs; what tells most of it first."""
    works: dict[str, list[LogLine]] = {}
    for line in lines:
        for value in {value for key, value in _WORK.findall(line.message) if not _WHO.match(key)}:
            works.setdefault(value, []).append(line)
    again = {work: found for work, found in works.items() if _runs(found) > 1 and len(found) <= _FEW * len(lines)}
    if not again:
        return []
    most = max(again.values(), key=_runs)
    last = {kind_of(line): line for line in most}
    return sorted(last.values(), key=lambda line: -len(_WORK.findall(line.message)))


def _runs(lines: list[LogLine]) -> int:
    """In how many runs was the same kind of line said of it?"""
    moments: dict[str, list[LogLine]] = {}
    for line in lines:
        known = moments.setdefault(kind_of(line), [])
        if line.at and (not known or (known[-1].at and line.at - known[-1].at >= _ANOTHER_RUN)):
            known.append(line)
    return max((len(known) for known in moments.values()), default=0)


def _in_its_last_run(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """What was begun before it was ended, and is never heard of as done."""
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
