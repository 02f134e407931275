"""Who is scaled to zero while nobody asks, and comes up as soon as somebody does, is asleep and not missing."""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.stood_in import only_missed
from backend.investigation.kinds import Category

_REPLICAS = re.compile(r"replicas|pods|instances|scale", re.IGNORECASE)
_ASKED = re.compile(r"request|invocation|events?_count|messages", re.IGNORECASE)
_FAILED = re.compile(r"non_?2xx|5xx|[45]\.\.|\"5\d\d\"|error|fail|reject|timeout", re.IGNORECASE)


def asleep(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """It was at zero before, came up and went to zero again, nobody asks it now, and no one who asked was refused."""
    wrong = facts.signs_of("config_error")
    at_zero = bool(wrong) and all("scaled to zero" in sign.means for sign in wrong)
    if not at_zero or set(likely) - {"config_error"} or not only_missed(facts) or facts.signs_of("bad_deploy"):
        return None
    if trouble_signals(facts) or complains(facts):
        return None
    asked = [metric for metric in facts.metrics if _ASKED.search(_called(metric))]
    failed = [metric for metric in facts.metrics if _FAILED.search(_called(metric))]
    served = [metric for metric in asked if metric not in failed]
    own = [m for m in facts.metrics if _REPLICAS.search(_called(m)) and f'"{wrong[0].subject}"' in m.line]
    woke = [metric for metric in own if _came_and_went(metric)]
    if not woke or not failed or any(metric.highest > 0 for metric in failed):
        return None
    if not served or any(metric.last > 0 for metric in served) or not any(_came_and_went(m) for m in served):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} sleeps because nobody asks for it: it was at zero before, came up when it was asked,"
        f" and no request failed: {woke[0].line}; {failed[0].line}. The rule should not ask for replicas of what may"
        " have none.",
        supporting=[
            wrong[0].cite("it wants none"),
            woke[0].cite("it came up and went to sleep again"),
            served[0].cite("nobody asks now"),
            failed[0].cite("nobody was refused"),
        ],
        strength="strong",
        disproof="Ask it for something: an error, or no answer within its usual start, would be an incident.",
    )


def _called(metric: Metric) -> str:
    return metric.line.partition("{")[0]


def _came_and_went(metric: Metric) -> bool:
    return metric.points[0][1] == 0 and metric.highest > 0 and metric.last == 0
