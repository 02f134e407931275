"""Only the newer of two versions that run side by side fails: the release is why; otherwise nothing sets it apart."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.confidence import confidence_of
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.platform import find
from agent_graph.analysts.rules.ranking import rank
from agent_graph.analysts.rules.signatures.bad_deploy import SIGNATURE as BAD_DEPLOY
from agent_graph.analysts.rules.signatures.config_error import match as config_error
from agent_graph.analysts.rules.signatures.only_newer import only_newer
from agent_graph.analysts.rules.signatures.oom import SIGNATURE as OOM
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


def killed(pod: str) -> Sign:
    at, means = RELEASED + timedelta(seconds=20), f"{pod} was OOMKilled"
    return Sign("E3", "kubernetes", "oom", "proof", f"pod {pod} OOMKilled", pod, at, means)


def ready(pod: str) -> Sign:
    return Sign("E3", "kubernetes", "healthy", "strong", f"pod {pod} is ready", pod, None, "is ready")


def copies(*, takes: float = 900.0, kills: int = 2, before: str = "web-7bd8f6c65-jd5xk") -> Facts:
    new = [f"web-59c4b7dd4f-{end}" for end in ("4vq7m", "8rjx2")]
    long_ago: dict[str, Any] = {"runs_since": {before: "2026-11-01T00:00:00Z"}}
    memory = [*(series("memory", takes, new=True, pod=pod) for pod in new), series("memory", 300.0, pod=before)]
    signs = [release(), *(killed(pod) for pod in new[:kills]), ready(before)]
    return Facts(case("web"), metrics=memory, signs=signs, platform=long_ago)


COPIES: dict[str, tuple[Facts, bool]] = {
    "only the new grow": (copies(), True),
    "they take no more than before": (copies(takes=310.0), False),
    "one of them alone": (copies(kills=1), False),
    "nothing of the version before is left": (copies(before="db-7bd8f6c65-jd5xk"), False),
}


@pytest.mark.parametrize("name", COPIES)
def test_copies_of_the_new_template_that_alone_outgrow_their_memory_are_of_the_release(name: str):
    facts, apart = COPIES[name]
    findings = [found for one in (OOM, BAD_DEPLOY) if (found := find(one, facts))]
    ranked = rank([(found, confidence_of(found, facts.case, {})) for found in findings])
    assert (only_newer(facts) is not None) == apart
    assert not apart or [r.symptom_of for r in ranked if r.finding.category == "oom"] == ["bad_deploy"]


@pytest.mark.parametrize(("signs", "of_settings"), [([release()], False), ([], True)])
def test_a_command_that_the_store_does_not_know_came_with_a_release_where_there_was_one(
    signs: list[Sign], of_settings: bool
):
    line = LogLine("E4", "ERR unknown command `X`", "ERR unknown command `X`", "error", BEGAN, 5)
    assert (config_error(Facts(case("web"), lines=[line], signs=signs)) is not None) == of_settings
