"""Slow because it is meant to be: a load test of an environment that no user is in drives it to its limits."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.noise import telling_words
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import bad_lines, complains
from agent_graph.analysts.rules.well.wellness import good_signs
from agent_graph.sources.signs import aliases, belongs
from backend.investigation.kinds import Category

_TEST = re.compile(
    r"(?:load|stress|perf(?:ormance)?|soak|capacity|spike)[-_ ]?"
    r"(?:tests?(?:ing)?|rehearsals?|runs?|drills?|exercises?)\b|benchmark"
    r"|\b(?:k6|jmeter|locust|gatling|vegeta|artillery|wrk2?|tsung|siege|pgbench|sysbench|hammerdb)\b",
    re.IGNORECASE,
)
_OVER = re.compile(r"\b(?:finished|done|complete[d]?|abort(?:ed)?|stopped|cancell?ed|ended|postponed)\b", re.IGNORECASE)
_AT_WORK = "|".join(
    ("perf(?:ormance)?", "load-?tests?", "stage", "staging", "tests?", "testing", "qa", "dev", "sandbox")
)
_NO_USERS = re.compile(
    rf"(?:^|[-_./])(?:{_AT_WORK}|(?:pre|non)-?prod|uat|bench|int(?:egration)?|(?:load|perf|test)?-?lab|stress)(?:$|[-_./0-9])",
    re.IGNORECASE,
)
_PLACES = ("env", "environment", "stage", "cluster", "namespace", "tier")
# What a test of its limits is for; it ends nothing and breaks nothing.
_OF_LOAD: frozenset[Category] = frozenset({"cpu_throttling", "slow_query", "connection_exhaustion", "rate_limited"})
# What it says that is asked for more than it can do; a test of its limits is over when this is said.
_OVERLOADED = re.compile(
    r"time[ds]?[- ]?out|deadline exceeded|too many (?:connections|requests|clients)"
    r"|\bpool\b.{0,60}(?:exhaust|not available|full)"
    r"|(?:queue|backlog) (?:is )?full|overload|rejected ?execution|rate.?limit|\b(?:429|503)\b|saturat|slow query",
    re.IGNORECASE,
)
_LASTS, _SLACK = timedelta(hours=6), timedelta(minutes=5)


def under_test(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """A test of the target was begun shortly before, where no users are: it is slow, and nothing else is wrong."""
    tests = [change for change in facts.changes if _is_test(change, facts)]
    good = good_signs(facts)
    elsewhere = [s for s in facts.signs_of("trouble", "strong") if s.source != "prometheus"]
    if (
        not tests
        or not good
        or elsewhere
        or set(likely) - _OF_LOAD
        or not _without_users(facts)
        or complains(facts, aside=_overload(facts, tests))
    ):
        return None
    asking = [line for line in [*facts.lines, *facts.usual] if _TEST.search(line.text)]
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is under a load test, where no user waits for it: {said(tests[-1], 300)}.",
        supporting=[
            tests[-1].cite("the test was begun"),
            *(line.cite("the test asks") for line in asking[:1]),
            *trouble_signals(facts)[:2],
            *good[:3],
        ],
        strength="strong",
        disproof="Ask who runs the test; if it goes on being slow once the test is over, it would be an incident.",
    )


def _is_test(change: LogLine, facts: Facts) -> bool:
    """Of the target or of all that it is a part of, begun and not over."""
    began = facts.case.started_at
    if change.at is None or not began - _LASTS <= change.at <= began + _SLACK:
        return False
    known = [*aliases(facts.case), facts.case.target.namespace or ""]
    parts = [part for part in re.split(r"[/\s:@,]+", change.message) if part]
    # A test of staging/kafka is one of stg-kafka-1, too.
    words = {word for one in known for word in telling_words(one) if _NO_USERS.search(word) is None}
    meant = any(belongs(part, [one for one in known if one]) or part.lower() in words for part in parts)
    return meant and _TEST.search(change.message) is not None and _OVER.search(change.message) is None


def _overload(facts: Facts, tests: Sequence[LogLine]) -> list[LogLine]:
    """What it complains of since a test began, of being asked for too much."""
    first = min((test.at for test in tests if test.at), default=None)
    said = [line for line in bad_lines(facts) if _OVERLOADED.search(line.message)]
    return [line for line in said if line.at and first and line.at >= first - _SLACK]


def _without_users(facts: Facts) -> bool:
    labels = [alert.labels for alert in facts.case.alerts] + [facts.case.target.labels]
    places = [one[key] for one in labels for key in _PLACES if one.get(key)]
    return any(_NO_USERS.search(place) for place in [*places, facts.case.target.namespace or ""])
