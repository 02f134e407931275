"""Failures made on purpose: a mesh's proxy says of a request that a rule, not the other party, made it fail."""

import re

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said
from agent_graph.logs.requests import request_of
from agent_graph.sources.signs import aliases, belongs, stems

# Envoy's response flags and details, in its own format, as the response's text, and as fields of JSON.
_MADE = re.compile(
    r"fault_filter_abort|\bfault filter abort\b|\" [1-5]\d\d (?:\w+,)?(?:FI|DI)\b"
    r"|\"response_flags\": ?\"(?:\w+,)?(?:FI|DI)\b"
)
_HOST, _ADDRESS = re.compile(r"[A-Za-z][\w-]*"), re.compile(r"(?<![\w.-])[A-Za-z][\w.-]*:\d{2,5}\b")
_OF_VERSION = re.compile(r"-v\d+$")
_LEAST, _READ = 3, 40
_FAILED = 500


def injected(facts: Facts) -> Finding | None:
    """Requests from or to the target fail by a rule that injects faults, while an alert fires."""
    own = [line for line in facts.lines if _is_made(line)]
    lines = own or [line for line in facts.around if _is_made(line) and _of_target(line, facts)]
    if facts.alert is None or not facts.case.firing or sum(line.count for line in lines[:1]) + len(lines) < _LEAST:
        return None
    return Finding(
        category="config_error",
        statement=f"{name(facts)} meets failures that are made on purpose: a fault injection rule of the mesh answers "
        f"instead of the other party (the proxy says so: {said(lines[0], 200)}).",
        supporting=[*log_citations(lines), facts.alert],
        strength="strong",
        onset=first_at(lines),
        disproof="Take the rule away: if requests fail all the same, the other party fails by itself.",
        explains=frozenset({"dependency_failure", "network_error", "app_crash", "bad_deploy"}),
        rooted=True,
    )


def _is_made(line: LogLine) -> bool:
    """A delayed request that is served at last is no failure."""
    request = request_of(line.text)
    return _MADE.search(line.text) is not None and (request is None or request.status >= _FAILED)


def _of_target(line: LogLine, facts: Facts) -> bool:
    """Is it said by the target's own proxy, of requests to it, or to whom it complains about?"""
    known = [alias.lower() for alias in aliases(facts.case)]
    hosts = {host.lower() for host in _HOST.findall(line.text)}
    # Meshes run versions beside each other: reviews-v3 is of reviews.
    speakers = [line.speaker, *(_OF_VERSION.sub("", stem) for stem in stems(line.speaker))]
    if any(belongs(speaker, known) for speaker in speakers) or hosts & set(known):
        return True
    complaints = " ".join(one.text.lower() for one in facts.lines[:_READ])
    return any(host in complaints for host in {found.lower() for found in _ADDRESS.findall(line.text)})
