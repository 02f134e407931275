"""A resolver that says of more names than before that they do not exist: an answer, where one caller guesses names."""

import re
from collections import Counter
from collections.abc import Sequence
from statistics import median

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category

_ABOUT = re.compile(r"dns|NXDOMAIN|rcode|resol[vu]|name.?server", re.IGNORECASE)
_CODE = re.compile(r'\b(?:rcode|response_?code|code)="([A-Z]{4,10})"', re.IGNORECASE)
# As query logs of name servers tell who asked for what, and that it is not there.
_ASKED = re.compile(
    r'\b((?:\d{1,3}\.){3}\d{1,3})[:#]\d+.{0,40}?"?\b(?:A|AAAA|MX|NS|TXT|CNAME) IN ([\w.-]+?)\.? .{0,80}\bNXDOMAIN\b'
)
# Told apart by more than the domains that a resolver tries for each; and so many of them from one.
_NAMES, _LEAST, _MOST_OF = 12, 20, 0.8
_MORE, _AS_EVER, _HARDLY = 1.5, 0.8, 0.01


def names_absent(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Only the answer that a name does not exist is given more often, to one who asks for name after name; as many
    names are found as before, and hardly any question fails."""
    told = [f"{alert.name} {' '.join(alert.annotations.values())}" for alert in facts.case.alerts]
    if not told or not all(map(_ABOUT.search, told)) or set(likely) - {"dns_failure"}:
        return None
    codes = [(said[1].upper(), m) for m in facts.metrics if (said := _CODE.search(m.line.partition(": ")[0]))]
    more = [metric for code, metric in codes if code == "NXDOMAIN" and _course(metric) >= _MORE]
    served = [metric for code, metric in codes if code == "NOERROR"]
    fails = [metric for code, metric in codes if code not in ("NXDOMAIN", "NOERROR")]
    if not more or not served or any(_course(metric) < _AS_EVER for metric in served):
        return None
    if any(metric.highest > _HARDLY * min(m.last for m in served) for metric in fails) or complains(facts):
        return None
    (who, asked), aside = _guesser(facts), {metric.cite().quote for metric in more}
    if not asked or any(cite.quote not in aside for cite in trouble_signals(facts)):
        return None
    absent, found = more[0], served[0]
    return Finding(
        category="healthy",
        statement=f"{name(facts)} answers: {who} asks it for one name after the other that does not exist, and is told"
        f" so (NXDOMAIN); as many names are found as before, and hardly any question fails. {absent.line[:200]}.",
        supporting=[
            absent.cite("told that it does not exist"),
            found.cite("as many are found as before"),
            *(line.cite("a name that does not exist") for line in asked[:1]),
            *(metric.cite("hardly any fails") for metric in fails[:1]),
            *good_signs(facts)[:2],
        ],
        strength="strong",
        disproof="Ask for a name that users need; being told that it does not exist would be an incident.",
    )


def _course(metric: Metric) -> float:
    """Its last values as a share of its first."""
    values = [value for _, value in metric.points]
    third = max(1, len(values) // 3)
    return median(values[-third:]) / max(median(values[:third]), 1e-9)


def _guesser(facts: Facts) -> tuple[str, list[LogLine]]:
    """The one who makes nearly all of these questions, each for another name."""
    lines = [*facts.lines, *facts.usual, *facts.around]
    asked = [(line, found[1], found[2].lower()) for line in lines if (found := _ASKED.search(line.message))]
    who, often = next(iter(Counter(client for _, client, _ in asked).most_common(1)), ("", 0))
    names = {wanted.split(".")[0] for _, client, wanted in asked if client == who}
    if often < max(_LEAST, _MOST_OF * len(asked)) or len(names) < _NAMES:
        return "", []
    return who, [line for line, client, _ in asked if client == who]
