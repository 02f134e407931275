"""Logs of the target's sickest containers: of the run that is now, and of the one before, which knows why it ended."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from agent_graph.logs.digest import Digest, digest
from agent_graph.safety.evidence import safe_log
from agent_graph.sources.kubernetes.asked import Asked
from agent_graph.sources.kubernetes.sickest import Voice
from backend.investigation.kinds import Evidence

_TAIL, _LAST_WORDS = 5_000, 300


async def read_logs(
    asked: Asked, chosen: Sequence[Voice], start: datetime, end: datetime, most_bytes: int
) -> list[Evidence]:
    """Evidence for each run that said something."""
    runs = [(voice, before) for voice in chosen for before in ((False, True) if voice.before else (False,))]
    found = await asyncio.gather(*(read_run(asked, v, start, end, most_bytes, previous=b) for v, b in runs))
    return [one for one in found if one.content]


async def read_run(
    asked: Asked,
    voice: Voice,
    start: datetime,
    end: datetime,
    most_bytes: int,
    *,
    previous: bool = False,
    contains: str = "",
) -> Evidence:
    """One run's log; without content when it said nothing, or was not there to be read."""
    since = "" if previous else f"{start:%Y-%m-%dT%H:%M:%SZ}"
    body, cut, tail = await _tail(asked, voice, since, most_bytes, _TAIL, previous=previous)
    if not body and since and not contains:
        # It may have stopped talking long before anybody was told: its last words count whenever they were said.
        since = ""
        body, cut, tail = await _tail(asked, voice, since, most_bytes, _LAST_WORDS)
    found = await asyncio.to_thread(_read, body, contains)
    which = " before its last restart" if previous else ""
    return Evidence(
        source="kubernetes",
        kind="log",
        title=f"Logs of {voice.pod}/{voice.container}{which}",
        query=_command(voice, since, tail, previous=previous) + (f" | grep -i {contains!r}" if contains else ""),
        window_start=None if previous else start,
        window_end=end,
        summary=found.summary,
        content=found.content,
        data=dict(found.data),
        truncated=cut or found.kept < found.lines,
    )


async def _tail(
    asked: Asked, voice: Voice, since: str, most_bytes: int, tail: int, *, previous: bool = False
) -> tuple[bytes, bool, int]:
    """The end of a log. The API cuts at its limit from the end of the answer, so a long tail is asked for shorter."""
    body, cut = b"", False
    for lines in (tail, tail // 10):
        query = {
            "container": voice.container,
            "timestamps": "true",
            "tailLines": str(lines),
            "limitBytes": str(most_bytes),
            **({"sinceTime": since} if since else {}),
            **({"previous": "true"} if previous else {}),
        }
        body, cut = await asked.log(voice.namespace, voice.pod, query, most_bytes)
        if not cut:
            return body, lines < tail, lines
    return body, cut, tail // 10


def _read(body: bytes, contains: str) -> Digest:
    text = safe_log(body)
    if contains:
        text = "\n".join(line for line in text.split("\n") if contains.lower() in line.lower())
    return digest(text)


def _command(voice: Voice, since: str, tail: int, *, previous: bool) -> str:
    path = f"/api/v1/namespaces/{voice.namespace}/pods/{voice.pod}/log?container={voice.container}"
    more = f"&tailLines={tail}" + (f"&sinceTime={since}" if since else "") + ("&previous=true" if previous else "")
    flags = f"--tail={tail}" + (f" --since-time={since}" if since else "") + (" --previous" if previous else "")
    return (
        f"GET {path}{more}&timestamps=true\n"
        f"kubectl logs -n {voice.namespace} {voice.pod} -c {voice.container} --timestamps {flags}"
    )
