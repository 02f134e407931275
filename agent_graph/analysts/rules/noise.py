"""Tells what is new in the logs from what is always said; lends a silent target the words of its neighbours."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from agent_graph.analysts.rules.context.blockers import is_session
from agent_graph.analysts.rules.context.packet_sizes import of_size
from agent_graph.analysts.rules.empty_handed import found_nothing
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.mounted import is_of_mount
from agent_graph.analysts.rules.onsets import began_by_measure
from agent_graph.analysts.rules.signatures.no_machines import is_refusal
from agent_graph.analysts.rules.waits import waits_told
from agent_graph.logs.lines import STREAM, level_of, parse
from agent_graph.logs.meaning import meaning_of
from agent_graph.logs.rhythm import steady
from agent_graph.logs.templates import template_of
from agent_graph.sources.signs import aliases, belongs, when
from backend.investigation.kinds import CaseFile, Evidence

# Streams that speak of everything on their machine or in their cluster.
_COMMON = re.compile(r"kernel|dmesg|journal|systemd|kubelet|containerd|dockerd|coredns|kube-dns|syslog", re.IGNORECASE)
_COMMON_WORDS = frozenset(
    {"service", "server", "worker", "main", "system", "systemd", "node", "prod", "http", "docker"}
)
_OF_UPSTREAM = re.compile(r"\bupstream\b|\bbackend\b|\b50[234]\b.{0,40}(?:gateway|unavailable)", re.IGNORECASE)
_BEFORE = timedelta(minutes=15)
# Complaints this far apart are a background; alerts wait this long before they fire.
_FAR, _JUST_BEFORE = timedelta(hours=1), timedelta(minutes=10)
_NEAR = timedelta(seconds=-3), timedelta(seconds=60)
_NO_CAUSE = ("healthy", "trouble", "trouble_over", "planned", "other_down", "blind")
_SLOW, _LEAD, _PAIR = timedelta(seconds=90), timedelta(minutes=5), 2
# A file system is full from here on.
_FULL = 0.95
# So much of a template is kept with the evidence.
_SHOWN = 200


def usual(case: CaseFile, evidence: Sequence[Evidence]) -> set[str]:
    """Kinds of line that were said as often before the trouble; the longest log about a stream decides."""
    found: dict[str, bool] = {}
    began = began_by_measure(case, evidence)
    logs = [e for e in evidence if e.kind == "log" and e.data.get("span") and not e.error]
    for one in sorted(logs, key=lambda e: str(e.data["span"][0]), reverse=True):
        first, last = (datetime.fromisoformat(at) for at in one.data["span"])
        for row in one.data.get("templates", []):
            if row.get("spread"):
                found[row["template"]] = steady(row["spread"], first, last, began)
    return {template.split(" ⏎ ", 1)[0][:_SHOWN] for template, always in found.items() if always}


def background(case: CaseFile, evidence: Sequence[Evidence]) -> set[tuple[str, str]]:
    """Evidence and kind of what is complained of now and then, and was before."""
    logs = [e for e in evidence if e.kind == "log" and e.data.get("span") and e.window_start and not e.error]
    found: set[tuple[str, str]] = set()
    # What an alert waited for began as long before it, and two lines have no pace of their own.
    waited = case.started_at - max(waits_told(case), default=timedelta())
    for one in logs:
        others = one.data.get("own") is False or bool(one.data.get("speaker"))
        begins = [datetime.fromisoformat(other.data["span"][0]) for other in logs if other is not one]
        # Beside others it may have been silent; by itself it was heard since its first line.
        heard = min([*(begins or [case.started_at - _BEFORE]), datetime.fromisoformat(one.data["span"][0])])
        start = max(one.window_start or case.started_at, heard)
        rows = [row for row in one.data.get("templates", []) if others or row.get("level") not in ("info", "debug")]
        rows = [row for row in rows if _now_and_then(row, start, case.started_at if row["count"] > _PAIR else waited)]
        found |= {(one.label, row["template"].split(" ⏎ ", 1)[0][:_SHOWN]) for row in rows}
    return found


def _now_and_then(row: dict[str, Any], start: datetime, began: datetime) -> bool:
    """Slow, and first said no later than its own pace lets expect: nothing says that it began with the trouble."""
    if not row.get("first") or not row.get("last") or row["count"] < 2:
        return False
    first, last = datetime.fromisoformat(row["first"]), datetime.fromisoformat(row["last"])
    pause = (last - first) / (row["count"] - 1)
    return pause >= _SLOW and first - start <= 1.5 * pause and first <= began - _LEAD


def without_usual(facts: Facts, always: set[str], aside: set[tuple[str, str]]) -> Facts:
    """Without what is said now and then, and without what is always said.

    The target itself is believed where something began that nothing else explains, and where it ends and starts again:
    it says as often as it starts why it ends. What it says for an hour and more is nothing new. What is proven besides
    is no background, at whatever pace it is said.
    """
    complaints = " ".join(line.text for line in facts.lines if not line.speaker and line.complains).lower()
    meant = [line for line in facts.lines if (line.evidence, kind_of(line)) not in aside]
    heard = min((line.at for line in facts.lines if line.at), default=None)
    named = [s for s in facts.signs if s.weight != "weak" and s.category not in _NO_CAUSE]
    # A change as its log begins is what the target is believed for, and no cause that is named instead.
    named = [s for s in named if s.category != "bad_deploy" or not _just_before(s.at, heard)]
    alone = not named and not any(line.complains for line in meant if not line.speaker)
    believed = alone and _began(facts, heard)
    proven = {s.category for s in facts.signs if s.weight == "proof"}
    proven |= {"oom" for metric in facts.metrics if metric.role == "oom_events" and metric.change_at}
    proven |= {"disk_pressure" for metric in facts.metrics if metric.role == "disk" and metric.last >= _FULL}
    dying = _said_at_the_end(facts) if _ends(facts) else set[str]()
    lines = [
        line
        for line in facts.lines
        if (line.evidence, kind_of(line)) not in aside
        or (_named(line.speaker, complaints) if line.speaker else believed and line.level != "warning")
        or (not line.speaker and kind_of(line) in dying and line.level != "warning")
        or (proven and not line.speaker and meaning_of(line.message).category in proven)
        or is_of_mount(line, facts)
        or found_nothing(line, facts)
    ]
    # A row of a list of sessions is a state and no complaint, however often it was listed before; so is a way's size.
    # So is what who brings machines was answered, each time it asked for one.
    kept = [line for line in facts.around if is_session(line) or of_size(line) or is_refusal(line)]
    around = [line for line in facts.around if (line.evidence, kind_of(line)) not in aside or line in kept]
    # What it says of its work at its own slow pace is no complaint, and is kept with what is always said.
    kept_lines = {id(line) for line in lines}
    slow = [line for line in facts.lines if id(line) not in kept_lines and not line.speaker and not line.is_bad]
    facts = replace(facts, lines=lines, around=around, usual=slow)
    fresh = [line for line in lines if kind_of(line) not in always]
    if not any(line.complains for line in fresh) and not _reaches_back(facts):
        return facts
    return replace(facts, lines=fresh, usual=[*(line for line in lines if kind_of(line) in always), *slow])


def _reaches_back(facts: Facts) -> bool:
    return facts.heard_since is not None and facts.heard_since <= facts.case.started_at - _FAR


def _began(facts: Facts, heard: datetime | None) -> bool:
    """Is something measured to be wrong, or was something changed at the time when its log begins?"""
    down = facts.monitor is not None and facts.monitor.down
    changed = any(_just_before(change.at, heard) for change in facts.changes)
    return bool(facts.signs_of("trouble")) or down or changed


def _just_before(changed: datetime | None, heard: datetime | None) -> bool:
    return changed is not None and heard is not None and timedelta() <= heard - changed <= _JUST_BEFORE


def _ends(facts: Facts) -> bool:
    """Does the target end, or start anew?"""
    restarted = facts.metric("restarts")
    said = [s for category in ("app_crash", "restart_loop", "oom") for s in facts.signs_of(category)]
    gone = facts.target is not None and (facts.target.restarts > 0 or not facts.target.running)
    return bool(said) or gone or (restarted is not None and restarted.highest > 0)


def _said_at_the_end(facts: Facts) -> set[str]:
    """Kinds of line that were said just before it ended; all that it says, where it says nothing about when it did."""
    known = [at for text in facts.platform.get("ended", []) if (at := when(text))]
    known += [facts.target.finished_at] if facts.target is not None and facts.target.finished_at else []
    near = [line for line in facts.lines if line.at and any(_NEAR[0] <= end - line.at <= _NEAR[1] for end in known)]
    return {kind_of(line) for line in near or facts.lines}


def with_neighbours(facts: Facts, always: set[str]) -> Facts:
    """With the new trouble of what is around the target, where it is silent; else only of whom it complains of."""
    bad = [line for line in facts.lines if line.complains and kind_of(line) not in always]
    return replace(facts, lines=[*facts.lines, *_lent(facts, always, " ".join(line.text for line in bad).lower())])


def kind_of(line: LogLine) -> str:
    return template_of(line.text)[:_SHOWN]


def _named(stream: str, complaints: str) -> bool:
    """Is it complained of, by a word of its name (redis-server.service: redis)?"""
    return any(re.search(rf"\b{re.escape(word)}", complaints) for word in telling_words(stream))


def telling_words(called: str) -> list[str]:
    """The words of a name that tell it from others."""
    return [word for word in re.split(r"[-_./@]", called.lower()) if len(word) > 3 and word not in _COMMON_WORDS]


def _lent(facts: Facts, always: set[str], complaints: str) -> Iterable[LogLine]:
    """New trouble of streams that have to do with the target: they name it, it names them, they speak for all, or
    the target's measurements blame them.

    Whoever complains is not silent: of its neighbours only the one that its complaints name is heard.
    """
    known = [name.lower() for name in aliases(facts.case) if len(name) > 2]
    streams: dict[str, list[LogLine]] = {}
    for line in facts.around:
        if tag := STREAM.match(line.text):
            streams.setdefault(tag[2], []).append(line)
    own = " ".join(line.text for line in facts.lines).lower()
    down = facts.target is not None and (not facts.target.running or facts.target.looping)
    blamed = [sign.subject for sign in facts.signs if sign.category.startswith("elsewhere:")]
    for stream, lines in streams.items():
        said = " ".join(line.text for line in lines).lower()
        related = _COMMON.search(stream) or any(name in said for name in known) or stream.lower() in own
        related = related or belongs(stream, blamed)
        if not (_named(stream, complaints) if complaints else related):
            continue
        for line in lines:
            text = STREAM.sub(r"\1", line.text)
            in_time = line.at is None or line.at >= facts.case.started_at - _BEFORE
            plain = replace(line, message=parse(text).message, level=level_of(text))
            # A proxy before a target that is down complains of the target, not of what that needs.
            of_target = down and _OF_UPSTREAM.search(text) is not None
            if in_time and kind_of(line) not in always and plain.complains and not of_target:
                yield plain
