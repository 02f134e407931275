"""A run that failed and was made good: what counts the failed one goes on counting it until somebody clears it away."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from agent_graph.analysts.rules.facts import Facts, Metric, Sign
from agent_graph.sources.signs import stems

# What the platform appends to a job's name for its pods.
_OF_JOB = re.compile(r"-[a-z0-9]{5}$")
_RUN = re.compile(r'(?:job_name|job|run|run_id|workflow|task|pod|unit|name|exported_job)="([^"]+)"')
_FAILED, _DONE = re.compile(r"fail|error", re.IGNORECASE), re.compile(r"succe|complet", re.IGNORECASE)
# The moment of the last success, as a value.
_SINCE = re.compile(r"(?:last|latest)_?succe\w*(?:time|timestamp)|succe\w*_(?:time|timestamp)", re.IGNORECASE)


def without_superseded(facts: Facts) -> Facts:
    """Without the trouble that counters and pods of such a run tell; with the later run as what is good of it."""
    over = {s.subject for s in facts.signs_of("trouble_over") if s.source == "kubernetes"}
    left = [s for s in facts.signs if _counts(s)]
    made_good = {s.quote: done for s in left if (done := _done_since(s, facts))}
    gone = {s.quote for s in left if s.quote in made_good or set(_runs(s.quote)) & over}
    gone |= {s.quote for s in facts.signs if s.category != "trouble_over" and _OF_JOB.sub("", s.subject) in over}
    if not gone:
        return facts
    told = [sign for metric in {m.line: m for m in made_good.values()}.values() for sign in _told(metric)]
    return replace(facts, signs=[*(s for s in facts.signs if s.quote not in gone), *told])


def _counts(sign: Sign) -> bool:
    """Does it count runs that failed?"""
    named = sign.quote.partition("{")[0]
    return sign.source == "prometheus" and sign.category != "healthy" and bool(_FAILED.search(named))


def _runs(line: str) -> list[str]:
    return _RUN.findall(line.partition("}")[0])


def _done_since(failed: Sign, facts: Facts) -> Metric | None:
    """The measurement of a later run of the same work that came to its end; none where a run failed after it."""
    done = [(at, m) for m in facts.metrics for at in _ended(m) if failed.at and at > failed.at and _same(failed, m)]
    last = max(done, key=lambda pair: pair[0], default=None)
    again = [s.at for s in facts.signs if _counts(s) and s.at and last and s.at > last[0] and _same(s, last[1])]
    return last[1] if last and not again else None


def _ended(metric: Metric) -> Iterator[datetime]:
    """When it counted a success, or the time of one that it tells."""
    named = metric.line.partition("{")[0]
    if _SINCE.search(named) and metric.last > 0:
        yield datetime.fromtimestamp(metric.last, UTC)
    elif _DONE.search(named) and not _FAILED.search(named) and metric.change_at and metric.last > metric.points[0][1]:
        yield metric.change_at


def _same(failed: Sign, metric: Metric) -> bool:
    """Is it the same work, by the name of the run or of what its runs are called after?"""
    ours, theirs = _called(failed.quote), _called(metric.line)
    return bool(ours & theirs)


def _called(line: str) -> set[str]:
    return {name for run in _runs(line) for name in (run, *stems(run)[:1])}


def _told(metric: Metric) -> Iterator[Sign]:
    """That the work is done: the failure is over, and what it is for is there."""
    means, at = "a later run of the same work has come to its end", metric.change_at
    for category in ("trouble_over", "healthy"):
        yield Sign(metric.evidence, "prometheus", category, "strong", metric.line, metric.line, at, means)
