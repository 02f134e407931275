"""Workers that are ended because each waits too long for another: the trace of where it was says for whom."""

import re
from collections import Counter
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals

# As keepers of workers say that one took too long: gunicorn, uWSGI, Rack, PHP-FPM and PHP.
ENDED = re.compile(
    r"WORKER TIMEOUT|\bHARAKIRI\b|Rack::Timeout|request_terminate_timeout|executing too slow"
    r"|execution timed out \(|Maximum execution time of \d+ seconds exceeded"
)
_FRAME = re.compile(r"^\s*(?:File \"|at |from |#\d+ |\[0x[0-9a-f]+\] )")
_NOT_OURS = re.compile(r"site-packages|/usr/lib|/lib/python|node_modules|/gems/|/vendor/|<frozen|\[internal")
# Where it waits for bytes of somebody else.
_READS = re.compile(
    r"(?:ssl|socket|http/client|net/protocol|urllib3/\w+)\.(?:py|rb)\b|\brecv\b|curl_exec|fgets|stream_", re.I
)
_URL = re.compile(
    r"\b(?:https?|grpcs?|wss?|amqps?|ldaps?)://(?:[^\s/@\"']{0,200}@)?([A-Za-z0-9][\w.-]{1,200}(?::\d{2,5})?)"
)
_TRACE, _SOON = 40, timedelta(seconds=60)
_OFTEN, _MOSTLY = 2, 0.6


def hung(facts: Facts) -> Finding | None:
    """More than one was ended for it, and most of them waited for bytes of another at the same place."""
    own = [line for line in facts.lines if not line.speaker]
    ends = [n for n, line in enumerate(own) if ENDED.search(line.text)]
    traces = [trace for n in ends if (trace := _trace(own, n))]
    waits = [trace for trace in traces if any(_READS.search(line.text) for line in trace)]
    often = sum(own[n].count for n in ends[:1]) if len(ends) == 1 else len(ends)
    if often < _OFTEN or not waits or len(waits) < _MOSTLY * len(traces):
        return None
    hosts = Counter(host for trace in waits for host in {found for line in trace for found in _URL.findall(line.text)})
    host, times = hosts.most_common(1)[0] if hosts else ("", 0)
    whom = host if times >= _MOSTLY * len(waits) else ""
    at = _place(waits[0], whom)
    first = own[ends[0]]
    return Finding(
        category="dependency_failure",
        statement=f"Workers of {name(facts)} are ended because they wait too long for {whom or 'an answer of another'}:"
        f" {said(at, 240)} ({said(first, 80)}).",
        supporting=[
            first.cite("ended for taking too long"),
            at.cite("where each of them waits"),
            *trouble_signals(facts),
        ],
        strength="strong" if trouble_signals(facts) else "weak",
        onset=first.at,
        disproof=f"Call {whom or 'the same'} from where {name(facts)} runs: an answer in time would rule it out.",
    )


def _trace(lines: list[LogLine], end: int) -> list[LogLine]:
    """What was printed of where it was: the frames right after, until another one is ended."""
    found: list[LogLine] = []
    for line in lines[end + 1 : end + _TRACE]:
        late = line.at is not None and (since := lines[end].at) is not None and line.at - since > _SOON
        if late or ENDED.search(line.text):
            break
        found.append(line)
    return found if any(_FRAME.match(line.message) for line in found) else []


def _place(trace: list[LogLine], whom: str) -> LogLine:
    """The line that names whom, else the last frame of its own code."""
    named = [line for line in trace if whom and whom in line.text]
    frames = [line for line in trace if _FRAME.match(line.message)]
    own = [line for line in frames if not _NOT_OURS.search(line.text)]
    return (named or own[-1:] or frames)[0]
