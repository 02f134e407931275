"""A heading tells little: the error beneath it is told; of several replicas one stands for the others."""

import pytest

from agent_graph.analysts.rules.context.beneath import beneath
from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import said
from agent_graph.analysts.rules.platform import weighed
from agent_graph.analysts.rules.reading import read
from tests.agent_graph.cases import BEGAN, case, logs

_AT = "2026-11-21T03:02:00Z"
_HEAD, _OTHER = f"{_AT} ERROR Handler - request failed", f"{_AT} INFO served 12"
_NULL, _CAUSE = "java.lang.NullPointerException: discount is null", "Caused by: java.io.EOFException: truncated"
TRACES: dict[str, tuple[list[str], str]] = {
    "the error beneath": ([_HEAD, _NULL, "\tat Rules.apply(Rules.java:88)"], _NULL),
    "what brought it about": ([_HEAD, _NULL, "\tat Rules.apply(Rules.java:88)", _CAUSE, "\t... 3 more"], _CAUSE),
    "nothing beneath": ([_HEAD, _OTHER], ""),
    "of another line": ([_HEAD, _OTHER, _NULL], ""),
    "it names one itself": ([f"{_HEAD}: ValueError: month", _NULL], ""),
}


@pytest.mark.parametrize("name", TRACES)
def test_the_error_beneath_a_heading_is_told(name: str):
    lines, told = TRACES[name]
    heard = [LogLine("E2", text, text.removeprefix(f"{_AT} "), "error", BEGAN, 1) for text in lines]
    facts = Facts(case(), lines=heard)
    finding = Finding("app_crash", "web fails.", [facts.lines[0].cite()], "strong", BEGAN)
    assert [cite.quote for _, cite in beneath(finding, facts)] == ([told] if told else [])


@pytest.mark.parametrize(("length", "cut"), [(150, False), (210, False), (400, True)])
def test_what_is_hardly_too_long_is_said_to_its_end(length: int, cut: bool):
    line = read(case(), [logs(f"{_AT} ERROR {'x' * length} '/srv/media'")]).lines[0]
    assert said(line).endswith("…") == cut
    assert len(said(line)) <= 240


_PLACE = "0/5 nodes are available: 2 node(s) exceed max volume count, 3 node(s) had a conflict"


def test_an_event_that_repeats_a_state_is_not_told_again():
    means = (f"web-1 cannot be placed: {_PLACE}", f"web-1: FailedScheduling: {_PLACE}", "web-1: NotTriggerScaleUp: max")
    signs = [Sign("E3", "kubernetes", "scheduling_failure", "proof", one, "web-1", None, one) for one in means]
    found = weighed("scheduling_failure", None, Facts(case(), signs=signs))
    assert found is not None
    assert found.statement == f"web: {means[0]}; {means[2]}."


def test_one_replica_stands_for_the_others():
    means = ("{} cannot pull its image", "{} cannot pull its image", "{}: the registry refuses the credentials")
    pods = ("web-1", "web-2", "web-1")
    signs = [
        Sign("E3", "kubernetes", "image_pull_error", "proof", f"pod {pod} waits {n}", pod, None, one.format(pod))
        for n, (one, pod) in enumerate(zip(means, pods, strict=True))
    ]
    found = weighed("image_pull_error", None, Facts(case(), signs=signs))
    assert found is not None
    assert found.statement == "web: web-1 cannot pull its image; web-1: the registry refuses the credentials."
    assert len(found.supporting) == 3
