"""Attempts that fail and are made again with success: is what they are attempts at measured to go as well as before?"""

import re
from collections.abc import Sequence
from statistics import median

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import bad_lines, began, complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import AlertFact, Category

# What a line says of being one of several attempts, and not the last of them.
_ATTEMPT = re.compile(
    r"\b(?:attempt|try|retry|retries)\b\"?(?: ?(?:no\.?|number))?[ :=#]{1,3}\d+"
    r"|\bwill (?:be )?re-?tr(?:y|ied)|\bretrying\b",
    re.I,
)
_LAST = re.compile(
    r"giv(?:e|ing|en) up|exhausted|no more|final(?:ly)?\b|max(?:imum)? (?:attempts|retries)|last (?:attempt|try)"
    r"|\b(?:not|never) (?:be )?re-?tr|abort|(?<!\d)(\d{1,6}) ?(?:/|of) ?\1\b",
    re.I,
)
_OF_ATTEMPTS = re.compile(r"attempt|retr(?:y|ies)|_tr(?:y|ies)\b|_calls?[_:]", re.IGNORECASE)
_OF_FAILURES = re.compile(
    r"fail|error|5xx|refus|lost|dropp|unsuccess|abandon|give_?ups?|g[ia]ven?_up|dead_?letter|undeliver|discard",
    re.IGNORECASE,
)
_OF_SUCCESS = re.compile(
    r"(?:^|[_:])(?:complet|succe|processed|authori[sz]ed|served|deliver|submitted|conversion|orders?(?:_|:|$)|throughput|2xx)",
    re.IGNORECASE,
)
# What measures machines and not what anybody wants of the service.
_OF_MACHINES = re.compile(r"^(?:kube|node|container|jvm|process|go|machine|kubelet)_", re.IGNORECASE)
# What an alert is about that is not made up for: who waits, who is told no, what was promised.
_OF_USERS = re.compile(
    r"latenc|slow|duration|seconds|\bp\d\d|p\d\d\b|quantile|slo\b|\bsli\b|burn|budget|availab|5xx|4xx|user|customer"
    r"|time-?out|conversion|success|complet|give|gave|exhaust|circuit|probe|synthetic|down\b",
    re.IGNORECASE,
)
_QUOTED, _NAME = re.compile(r"[\"'`]([^\"'`]{6,120})[\"'`]"), re.compile(r"[A-Za-z_][\w:]{7,199}")
# What tells where it was measured, and not of what.
_NOT_OF_IT = ("job", "prometheus", "cluster", "namespace", "env", "instance", "pod", "container", "service", "app")
# What is left of a budget for it, and what stops all attempts once too many fail.
_BUDGET, _BROKEN = (
    re.compile(r"budget|remaining", re.IGNORECASE),
    re.compile(r"state=\"(?:open|half_open)\"|circuit_?(?:open|breaker_open)", re.I),
)
_LOOKS_LIKE: frozenset[Category] = frozenset({"app_crash", "dependency_failure", "network_error", "rate_limited"})
# An attempt more takes its time: so much longer may it take. So few less may come to their end; so much must be left.
_LONGER, _FEWER, _LEFT = 3.0, 0.9, 0.3
_POINTS = 10


def absorbed(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All complaints and alerts are of attempts, these alone are measured to fail, and what they are for does not."""
    attempts = [m for m in facts.metrics if m.role == "errors" and _OF_ATTEMPTS.search(m.name)]
    if not attempts or set(likely) - _LOOKS_LIKE:
        return None
    outcome = [m for m in facts.metrics if m not in attempts and _OF_FAILURES.search(m.name)]
    done = [m for m in facts.metrics if m not in [*attempts, *outcome] and _OF_SUCCESS.search(m.name)]
    if any(m.highest > 0 for m in outcome) or not all(map(_as_often, done)):
        return None
    pair = next(((no, yes) for no in outcome for yes in done if _are_of(no, yes, attempts)), None)
    if pair is None:
        return None
    bad = [line for line in bad_lines(facts) if line.at and line.at >= began(facts)]
    tried = [line for line in bad if _is_one_of_several(line)]
    known = {id(line) for line in tried}
    if not tried or complains(facts, aside=tried) or any(line.is_error and id(line) not in known for line in bad):
        return None
    if not facts.case.alerts or not all(_is_of_attempts(alert, attempts, tried) for alert in facts.case.alerts):
        return None
    return _finding(facts, attempts, pair, tried[-1])


def _finding(facts: Facts, attempts: Sequence[Metric], pair: tuple[Metric, Metric], tried: LogLine) -> Finding | None:
    """Unless there is other trouble, or no attempt is left."""
    outcome, done = pair
    explained = {m.cite().quote for m in attempts}
    explained |= {m.cite().quote for m in facts.metrics if m.role == "latency" and _hardly_later(m)}
    if _is_used_up(facts) or any(signal.quote not in explained for signal in trouble_signals(facts)):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} makes up for what fails: attempts fail more often than before"
        f" ({said(tried, 200)}), are made again, and nothing more fails of what they are for: {outcome.line};"
        f" {done.line}.",
        supporting=[
            tried.cite("one attempt"),
            attempts[0].cite("attempts fail"),
            outcome.cite("what they are for does not"),
            done.cite("as much is done as before"),
            *good_signs(facts)[:2],
        ],
        strength="strong",
        disproof="Look for one that failed at its last attempt: that user was told no.",
    )


def _are_of(outcome: Metric, done: Metric, attempts: Sequence[Metric]) -> bool:
    """Do both tell of one thing, the one that it fails and the other that it is done, and is it what is attempted?"""
    if any(_OF_MACHINES.search(metric.name) for metric in (outcome, done)):
        return False
    if len(outcome.points) < _POINTS or _words(outcome)[:2] != _words(done)[:2] or _of_it(outcome) != _of_it(done):
        return False
    return any(
        _of_it(m).items() & _of_it(done).items() if _of_it(m) and _of_it(done) else _words(m)[:1] == _words(done)[:1]
        for m in attempts
    )


def _words(metric: Metric) -> list[str]:
    return [word.lower().rstrip("s") for word in re.split(r"[_:]+", metric.name) if word]


def _of_it(metric: Metric) -> dict[str, str]:
    return {key: value for key, value in metric.labels.items() if key not in _NOT_OF_IT}


def _is_of_attempts(alert: AlertFact, attempts: Sequence[Metric], tried: Sequence[LogLine]) -> bool:
    """Does it name what measures the attempts, or quote what is said of each, and nothing that users feel?"""
    told = f"{alert.name} {' '.join(alert.annotations.values())}".replace("\\", "")
    if _OF_USERS.search(told):
        return False
    named = {metric.name for metric in attempts}
    if any(word in named for word in _NAME.findall(told)):
        return True
    # That a card was refused is told for information, and by other words.
    errors = [line for line in tried if line.complains]
    return bool(errors) and any(all(quote in line.text for line in errors) for quote in _QUOTED.findall(told))


def _is_one_of_several(line: LogLine) -> bool:
    return _ATTEMPT.search(line.text) is not None and _LAST.search(line.text) is None


def _halves(metric: Metric) -> tuple[float, float]:
    """As it was at first, and as it is at last."""
    values = [value for _, value in metric.points]
    some = max(2, len(values) // 6)
    return median(values[:some]), median(values[-some:])


def _as_often(metric: Metric) -> bool:
    before, since = _halves(metric)
    return len(metric.points) >= _POINTS and before > 0 and since >= _FEWER * before


def _hardly_later(metric: Metric) -> bool:
    before, since = _halves(metric)
    return since <= _LONGER * before


def _is_used_up(facts: Facts) -> bool:
    """Are there hardly any attempts left to make, or are none made any more?"""
    left = [m for m in facts.metrics if _BUDGET.search(m.name) and _OF_ATTEMPTS.search(m.name)]
    open_ = [m for m in facts.metrics if _BROKEN.search(m.line.partition("}")[0])]
    return any(m.last < _LEFT * m.highest for m in left) or any(m.highest > 0 for m in open_)
