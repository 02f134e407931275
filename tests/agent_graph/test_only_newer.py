"""Only the newer of two versions that run side by side fails: the release is why; otherwise nothing sets it apart."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.signatures.config_error import match as config_error
from agent_graph.analysts.rules.signatures.only_newer import only_newer
from tests.agent_graph.cases import BEGAN, case

RELEASED = BEGAN - timedelta(minutes=5)


def release(kind: str = "deploy") -> Sign:
    return Sign(
        "E1", "changes", "bad_deploy", "strong", f"{kind} web", "web", RELEASED, f"{kind} of web: 1.4.0 -> 1.5.0"
    )


def series(role: str, value: float, *, new: bool = False, **labels: str) -> Metric:
    first = -4 if new else -40
    points = [((BEGAN + timedelta(minutes=at)).timestamp(), value) for at in range(first, 10, 2)]
    told = ", ".join(f'{key}="{label}"' for key, label in sorted(labels.items()))
    return Metric("E2", role, f"requests:rate1m{{{told}}}: {value}", points, None, None)


BAD = series("errors", 12.0, new=True, code="500", version="1.5.0")
CALM = series("few_errors", 0.0, code="500", version="1.4.0")
SERVED = series("other", 40.0, code="200", version="1.4.0")

# name: what is measured, of which release, is the version set apart
MEASURED: dict[str, tuple[Sequence[Metric], str, bool]] = {
    "only the newer fails": ([BAD, CALM, SERVED], "deploy", True),
    "the one before fails as well": ([BAD, replace(CALM, role="errors"), SERVED], "deploy", False),
    "nobody asks the one before": ([BAD, CALM], "deploy", False),
    "it failed before the release": ([series("errors", 12.0, version="1.5.0"), CALM, SERVED], "deploy", False),
    "a setting was changed": ([BAD, CALM, SERVED], "config", False),
}


@pytest.mark.parametrize("name", MEASURED)
def test_errors_that_begin_with_a_version_while_the_one_before_serves_are_of_the_release(name: str):
    metrics, kind, apart = MEASURED[name]
    found = only_newer(Facts(case("web"), metrics=list(metrics), signs=[release(kind)]))
    assert (found is not None) == apart
    assert found is None or "1.5.0" in found.statement


@pytest.mark.parametrize(("signs", "of_settings"), [([release()], False), ([], True)])
def test_a_command_that_the_store_does_not_know_came_with_a_release_where_there_was_one(
    signs: list[Sign], of_settings: bool
):
    line = LogLine("E4", "ERR unknown command `X`", "ERR unknown command `X`", "error", BEGAN, 5)
    assert (config_error(Facts(case("web"), lines=[line], signs=signs)) is not None) == of_settings
