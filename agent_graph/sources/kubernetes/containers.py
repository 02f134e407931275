"""Reads containers of a pod: why one waits, how it ended, how often it was restarted, whether its probe passes."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agent_graph.sources.kubernetes.lifetimes import lived_as_set
from agent_graph.sources.kubernetes.meanings import (
    CONFIG_REASONS,
    IMAGE_REASONS,
    LOST_REASONS,
    UNSTARTABLE,
    exit_meaning,
    image_cause,
)
from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, number_of, words_of
from agent_graph.sources.lifetimes import Life
from agent_graph.sources.runtime_errors import of_start
from agent_graph.sources.signs import Book, when
from backend.redaction.clean import one_line

_RECENT = timedelta(minutes=60)
# How long a start may take before its failing probe is trouble.
_STARTS = timedelta(minutes=2)
_MANY = 3
# Who is ready again and has run for this long has got over its end.
_LASTS = timedelta(minutes=10)
# What each layer of a runtime says before it repeats what the one below it said.
_WRAPPED = re.compile(
    r"(?:Back-off pulling image|ErrImagePull|failed to (?:pull (?:and unpack )?image|resolve reference|do request|copy)"
    r"|rpc error: code = Unknown desc =|Error response from daemon|(?:Head|Get) \"[^\"]*\"|unable to pull image)"
    r"(?:: (?=\S)| (?=failed|rpc|Error))"
)
# How much of a message is read, is told, and is told of its beginning.
_KEPT, _SAID, _FIRST = 4000, 250, 110
# Ends that were asked for.
_ASKED = (130, 143)


@dataclass(frozen=True)
class _One:
    """A container in its pod. `who`: how its lines begin. `life`: as long as it is set to be, and no longer."""

    pod: str
    name: str
    who: str
    restarts: int
    image: str
    spec: Object
    init: bool
    born: datetime | None
    over: bool
    life: Life | None

    def since(self, end: datetime | None, now: datetime) -> datetime | None:
        """When its ends began: of many only the last is known, and a young pod has gone wrong all along."""
        young = self.born is not None and now - self.born <= _RECENT
        return self.born if self.restarts > 1 and young else end


def read_container(book: Book, pod: Object, found: Object, now: datetime, *, init: bool) -> None:
    """Lines and signs of one container's status."""
    state, last = dict_of(found, "state"), dict_of(found, "lastState", "terminated")
    waiting, ended = dict_of(state, "waiting"), dict_of(state, "terminated")
    one = _one(pod, found, now, init=init)
    if waiting.get("reason"):
        _waiting(book, one, waiting)
    for end in (ended, last):
        if end:
            _ended(book, one, end, now, final=end is ended)
    if one.restarts and not waiting:
        book.say(f"{one.who}: restartCount {one.restarts}")
    if one.restarts >= _MANY and last and _recent(when(last.get("finishedAt")), now):
        line = f"{one.who}: restartCount {one.restarts}, last ended {last.get('finishedAt')}"
        _restarted(book, one, line)
    _unready(book, pod, found, one, now)


def _restarted(book: Book, one: _One, line: str) -> None:
    if one.life is not None:
        book.facts["lives"] = max(one.life.lasts.total_seconds(), book.facts.get("lives", 0.0))
        book.say(line)
        return
    means = f"{one.pod} was restarted {one.restarts} times"
    book.sign("restart_loop", "strong", line, subject=one.pod, means=means)


def _one(pod: Object, found: Object, now: datetime, *, init: bool) -> _One:
    name = str(found.get("name", ""))
    specs: list[Any] = [*list_of(pod, "spec", "containers"), *list_of(pod, "spec", "initContainers")]
    spec: Object = next((spec for spec in specs if spec.get("name") == name), {})
    kind = "init container" if init else "container"
    who = f"pod {name_of(pod)} {kind} {name}"
    image = str(spec.get("image") or found.get("image", ""))
    born = when(dict_of(pod, "status").get("startTime") or dict_of(pod, "metadata").get("creationTimestamp"))
    since, restarts = when(dict_of(found, "state", "running").get("startedAt")), number_of(found.get("restartCount"))
    over = bool(found.get("ready")) and restarts < _MANY and since is not None and now - since >= _LASTS
    life = lived_as_set(spec, dict_of(found, "lastState", "terminated")) if found.get("ready") else None
    return _One(name_of(pod), name, who, restarts, image, spec, init, born, over, life)


def _waiting(book: Book, one: _One, waiting: Object) -> None:
    reason, message = str(waiting["reason"]), str(waiting.get("message") or "")
    line = f"{one.who}: waiting {reason}: {message}" + (f" (restartCount {one.restarts})" if one.restarts else "")
    if reason in IMAGE_REASONS:
        cause = image_cause(f"{reason} {message}")
        # It names its image in every clause of it; what is wrong stands at the end.
        brief = _WRAPPED.sub("", message.replace(f' "{one.image}"', "").replace(f" {one.image}", "") + " ").strip()
        brief = re.sub(r"(https?://[^\s?]+)\?[^\s:]*", r"\1", brief)
        why = f"{': ' + brief if brief else ''}{f' ({cause})' if cause else ''}"
        means = f"{one.pod} cannot pull its image {one.image}: {reason}{why}"
        book.sign("image_pull_error", "proof", line, subject=one.pod, means=means)
    elif reason in CONFIG_REASONS:
        category, weight = of_start(message) or ("config_error", "proof")
        means = f"{one.pod} cannot be started as configured: {reason}: {message}"
        book.sign(category, weight, line, subject=one.pod, means=means)
    elif reason == "CrashLoopBackOff":
        what = "its init container " + one.name + " " if one.init else ""
        means = f"{one.pod} {what}is in CrashLoopBackOff after {one.restarts} restarts"
        book.sign("restart_loop", "strong", line, subject=one.pod, means=means)
    elif reason not in ("ContainerCreating", "PodInitializing"):
        book.sign("trouble", "weak", line, subject=one.pod)
    else:
        book.say(line)


def both_ends(message: str) -> str:
    """What it said as it ended: what failed stands first in a chain of errors, and why it failed last."""
    flat = one_line(message, _KEPT)
    return flat if len(flat) <= _SAID else f"{flat[:_FIRST]}…{flat[_FIRST - _SAID + 1 :].rstrip('…')}"


def _ended(book: Book, one: _One, end: Object, now: datetime, *, final: bool) -> None:
    reason, code, at = str(end.get("reason") or ""), number_of(end.get("exitCode")), when(end.get("finishedAt"))
    memory = dict_of(one.spec, "resources", "limits").get("memory")
    limit, said = f", memory limit {memory}" if memory else "", both_ends(str(end.get("message") or ""))
    words = f": {said}" if said else ""
    line = (
        f"{one.who}: terminated {reason} exit code {code}{exit_meaning(code)} at {end.get('finishedAt')}{limit}{words}"
    )
    if not _recent(at, now) and not final:
        book.say(f"{line} (long ago)")
        return
    if code and at is not None:
        book.facts.setdefault("ended", []).append(at.isoformat())
    at = one.since(at, now)
    if said and code:
        book.last_words.append((at, said))
    if reason == "OOMKilled":
        means = f"{one.pod} was OOMKilled (exit code {code}): it reached its memory limit {memory or ''}".strip()
        book.sign("oom", "proof", line, subject=one.pod, at=at, means=means)
    elif reason in LOST_REASONS or (reason == "Unknown" and code == 255):
        means = f"{one.pod} was lost with its node: {reason} {code}"
        book.sign("node_failure", "weak", line, subject=one.pod, at=at, means=means)
    elif reason in CONFIG_REASONS or code in UNSTARTABLE:
        category, weight = of_start(said) or ("config_error", "proof")
        means = f"{one.pod} cannot be started: {reason} {code}{exit_meaning(code)}{words}"
        book.sign(category, weight, line, subject=one.pod, at=at, means=means)
    else:
        _died(book, one, line, code, at, words)


def _died(book: Book, one: _One, line: str, code: int, at: datetime | None, words: str) -> None:
    if code and one.over:
        means = f"{one.pod} ended once with exit code {code}, and has run since"
        book.sign("trouble_over", "strong", line, subject=one.pod, at=at, means=means)
    elif code and code not in _ASKED:
        # 137 without OOMKilled is a kill from outside, mostly by a failed liveness probe.
        weight = "weak" if code == 137 else "strong"
        what = f" (init container {one.name})" if one.init else ""
        means = f"{one.pod}{what} ended with exit code {code}{exit_meaning(code)}{words}"
        book.sign("app_crash", weight, line, subject=one.pod, at=at, means=means)
    elif one.life is not None:
        seconds = one.life.lasts.total_seconds()
        means = f"{one.pod} ends with code 0 after {seconds:g} s, as its own {one.life.told} wants it, and runs again"
        book.sign("healthy", "strong", line, subject=one.pod, means=means)
    elif one.restarts >= _MANY and not one.init:
        means = f"{one.pod} ends again and again with code {code}"
        book.sign("restart_loop", "strong", line, subject=one.pod, at=at, means=means)
    else:
        book.say(line)


def _unready(book: Book, pod: Object, found: Object, one: _One, now: datetime) -> None:
    """It runs, has had time to start, and its readiness or startup probe does not pass."""
    running = dict_of(found, "state", "running")
    since = when(running.get("startedAt"))
    probe = dict_of(one.spec, "readinessProbe") or dict_of(one.spec, "startupProbe")
    if not running or found.get("ready") or one.init or not probe or dict_of(pod, "metadata").get("deletionTimestamp"):
        return
    if since is None or now - since < _STARTS:
        return
    unready = _unready_since(pod)
    if unready is not None and unready - since >= _LASTS and not one.restarts:
        # It was ready before and has not been started anew since: the process may be stuck.
        book.facts["wedged"] = True
    asked, elsewhere = _asked(probe, one.spec)
    line = f"{one.who}: runs since {running.get('startedAt')} but is not ready; readiness probe {asked}{elsewhere}"
    means = f"{one.pod} runs but its readiness probe ({asked}) does not pass{elsewhere}"
    book.sign("probe_failure", "strong", line, subject=one.pod, at=unready, means=means)


def _asked(probe: Object, spec: Object) -> tuple[str, str]:
    """What the probe asks, and whether that is where nothing is declared to listen."""
    http, tcp = dict_of(probe, "httpGet"), dict_of(probe, "tcpSocket") or dict_of(probe, "grpc")
    port = http.get("port") or tcp.get("port")
    command = words_of(probe, "exec", "command")
    asked = f"{http.get('path', '/')} on port {port}" if http else f"port {port}" if tcp else " ".join(command)
    ports: list[Any] = list_of(spec, "ports")
    declared = [value for one in ports for value in (one.get("containerPort"), one.get("name")) if value]
    wrong = port is not None and declared and port not in declared
    return asked, f"; the container declares only port {', '.join(map(str, declared))}" if wrong else ""


def _unready_since(pod: Object) -> datetime | None:
    conditions: list[Any] = list_of(pod, "status", "conditions")
    return next((when(c.get("lastTransitionTime")) for c in conditions if c.get("type") == "Ready"), None)


def _recent(at: datetime | None, now: datetime) -> bool:
    return at is None or now - at <= _RECENT
