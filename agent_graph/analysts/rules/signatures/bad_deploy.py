"""bad_deploy: it began right after something was rolled out, and nothing finer explains it."""

from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.parts import decisive, log_citations, name, said, trouble_signals

_SLACK = timedelta(minutes=2)


def match(facts: Facts) -> Finding | None:
    """A change of the target just before the first trouble. A change alone is no trouble."""
    signs = facts.signs_of("bad_deploy")
    if not signs:
        return None
    at = min((s.at for s in signs if s.at is not None), default=None)
    bad = [line for line in facts.matching_levels("error", "fatal") if line.at is not None]
    before = [line for line in bad if at is not None and line.at is not None and line.at < at - _SLACK]
    after = [line for line in bad if line not in before]
    signals = trouble_signals(facts)
    if not signals and not (after and facts.alert):
        return None
    strong = any(s.weight == "strong" for s in signs)
    return Finding(
        category="bad_deploy",
        statement=_statement(facts, signs[0].means, after),
        supporting=[
            *(s.cite("just before the trouble") for s in signs[:2]),
            *(log_citations(after) if after else []),
            *signals[:3],
        ],
        strength="strong" if strong and (signals or after) else "weak",
        onset=at,
        contradicting=[before[0].cite("said before the change")] if _same(before, after) else [],
        disproof="Roll it back: if the trouble stays, the change was not the cause.",
    )


def _same(before: list[LogLine], after: list[LogLine]) -> bool:
    """Is what goes wrong now what went wrong before the change, too?"""
    return bool(before) and (not after or before[0].message[:40] == decisive(after).message[:40])


def _statement(facts: Facts, change: str, after: list[LogLine]) -> str:
    first = f", and since then: {said(decisive(after))}" if after else ""
    return f"{name(facts)} broke after a change: {change.rstrip('.')}{first}."


SIGNATURE = Signature("bad_deploy", "a change just before the trouble", ("config_error", "app_crash"), match)
