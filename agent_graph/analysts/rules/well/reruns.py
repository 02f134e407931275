"""Work that failed once and has been done since: the next run of the same unit, job or task came to its end."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.well.complaints import bad_lines, began
from backend.investigation.kinds import Citation

# What units of systemd and its kind are called, and how their managers speak of their ends.
_UNIT = re.compile(
    r"\b([\w@.\\-]{2,80}\.(?:service|timer|mount|job))\b|\b(?:job|task|cron(?:job)?)[ =:\"']+([\w./@-]{3,60})"
)
_FAILED = re.compile(
    r"\bfailed\b|failure|exited, (?:code|status)=|exit(?:ed)?(?: with)?(?: code| status)? [1-9]|\berror\b",
    re.IGNORECASE,
)
# A service that runs on is "deactivated" when it is stopped: that is no end of work.
_DONE = re.compile(
    r"\bfinished\b|succeeded|completed|\bsuccess(?:ful(?:ly)?)?\b(?<!deactivated successfully)|\bdone\b"
    r"|exit(?:ed)?(?: code| status)? 0\b",
    re.IGNORECASE,
)
# Work that is done every so often, as alerts and exporters call it.
# A queue's jobs are no such runs: of these many fail and are tried again.
_RUNS = re.compile(r"backup|snapshot|restore|dump|export|import|cron|schedule|retention", re.IGNORECASE)
_FAILS = re.compile(r"fail|error|partial", re.IGNORECASE)
_SUCCESS, _AGE = re.compile(r"success|complet", re.IGNORECASE), re.compile(r"_age\b|_age_|since", re.IGNORECASE)
# That none has succeeded for too long is the same complaint from its other end.
_NONE_SUCCEEDED = re.compile(
    r"\bno\b.{0,20}(?:success|recent|complet|fresh)|no_?recent|too_?old|older than|outdated|overdue|\bstale|missed",
    re.IGNORECASE,
)


def done_since(facts: Facts) -> Citation | None:
    """The end of a later run of what failed, where nothing else has failed, and nothing after it."""
    said = [line for line in [*facts.lines, *facts.usual] if line.at is not None]
    failures = [(unit, line) for line in said if _FAILED.search(line.text) for unit in _units(line)]
    failures = [(unit, line) for unit, line in failures if line.at and line.at >= began(facts)]
    if not failures:
        return None
    done = [_after(unit, line, said) for unit, line in _last(failures)]
    ends = [line for line in done if line is not None]
    bad = [line for line in bad_lines(facts) if line.at and ends and ends[-1].at and line.at > ends[-1].at]
    if len(ends) < len(done) or bad:
        return None
    return ends[-1].cite("its next run came to its end")


def failed_runs(facts: Facts) -> list[Metric]:
    """Counters of failed runs that the alert is about: that none failed since is only the time between two runs."""
    told = " ".join(f"{alert.name} {' '.join(alert.annotations.values())}" for alert in facts.case.alerts)
    if not (_RUNS.search(told) and (_FAILS.search(told) or _NONE_SUCCEEDED.search(told))):
        return []
    named = [(metric, metric.name) for metric in facts.metrics]
    counters = [metric for metric, called in named if _RUNS.search(called) and _FAILS.search(called)]
    return [one for one in counters if one.name.endswith("_total") and one.highest > 0]


def with_failed_runs(facts: Facts) -> Facts:
    """With a failure of the last run taken for trouble that stays, where none has come to its end since."""
    failed = failed_runs(facts) if facts.case.firing else []
    quotes = {metric.cite().quote for metric in failed}
    over = facts.signs_of("trouble_over")
    elsewhere = any(sign.cite().quote not in quotes for sign in over)
    if not (failed and over) or elsewhere or done_since(facts) is not None or _succeeded_since(facts, failed):
        return facts
    stays = {
        sign: replace(sign, category="trouble", means="a run failed, and none has succeeded since") for sign in over
    }
    return replace(facts, signs=[stays.get(sign, sign) for sign in facts.signs])


def _succeeded_since(facts: Facts, failed: Sequence[Metric]) -> bool:
    """Was a success counted, or its moment told anew, after the last failure? An age of it falls."""
    last = max(at for metric in failed for at, value in metric.points if value)
    for metric in facts.metrics:
        then = [value for at, value in metric.points if at <= last][-1:]
        later = [value for at, value in metric.points if at > last]
        told = then and later and _SUCCESS.search(metric.name) and not _FAILS.search(metric.name)
        if told and (min(later) < then[0] if _AGE.search(metric.name) else max(later) > then[0]):
            return True
    return False


def _units(line: LogLine) -> Iterator[str]:
    for unit, job in _UNIT.findall(line.text):
        yield unit or job


def _last(failures: Sequence[tuple[str, LogLine]]) -> list[tuple[str, LogLine]]:
    """Each unit with its last failure."""
    return list({unit: line for unit, line in failures}.items())


def _after(unit: str, failed: LogLine, said: Sequence[LogLine]) -> LogLine | None:
    """The last line that says it is done, later than its failure."""
    later = [line for line in said if line.at and failed.at and line.at > failed.at and unit in line.text]
    later = [line for line in later if _DONE.search(line.text) and not _FAILED.search(line.text)]
    return later[-1] if later else None
