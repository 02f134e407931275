"""What a rate over a long window still tells of trouble that its twin over a short window has seen end."""

import re
from dataclasses import replace

from agent_graph.analysts.rules.facts import Facts, Sign

# As recording rules name their windows: slo:sli_error:ratio_rate1h, apiserver_request:burnrate30m, job:errors:rate5m.
_WINDOW = re.compile(r"(?<=[a-z_:])(\d{1,3})([smhdw])(?![a-z0-9])")
# As others write it beside the name: slo_error_ratio{window="1h"}.
_LABEL = re.compile(
    r'(?<=[{ ])(?:window|range|interval|lookback|look_back|over|rate_interval)="(\d{1,3})([smhdw])",? ?'
)
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def without_echoes(facts: Facts) -> Facts:
    """With the trouble that a long window goes on counting taken for over, where the short one is as it was before."""
    over = [(named, s) for s in facts.signs_of("trouble_over") if (named := _windowed(s)) is not None]
    signs = [_past(sign, over) for sign in facts.signs]
    return replace(facts, signs=signs) if signs != facts.signs else facts


def _past(sign: Sign, over: list[tuple[tuple[str, int], Sign]]) -> Sign:
    named = _windowed(sign) if sign.category == "trouble" else None
    if named is None or not any(named[0] == short[0] and named[1] > short[1] for short, _ in over):
        return sign
    means = f"{sign.subject} still counts what is over: the same over a shorter time is back at its usual level"
    return replace(sign, category="trouble_over", at=None, means=means)


def _windowed(sign: Sign) -> tuple[str, int] | None:
    """The series without its window (its name and labels), and the window in seconds."""
    series = sign.quote.partition("}")[0]
    name, brace, labels = series.partition("{")
    found = list(_WINDOW.finditer(name)) if sign.source == "prometheus" else []
    if found:
        last = found[-1]
        return f"{name[: last.start()]}{name[last.end() :]}{brace}{labels}", int(last[1]) * _SECONDS[last[2]]
    told = _LABEL.search(series) if sign.source == "prometheus" else None
    if told is None:
        return None
    rest = (series[: told.start()] + series[told.end() :]).rstrip(", ")
    return rest, int(told[1]) * _SECONDS[told[2]]
