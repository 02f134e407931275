"""What a tool brings to a cluster is a release where it tells another version, whatever the tool calls it."""

from datetime import timedelta

import pytest

from agent_graph.sources.changes import evidence_of
from tests.agent_graph.cases import BEGAN, case

AT = (BEGAN - timedelta(minutes=5)).isoformat()
# Kind, target, summary; how sure it is blamed, and what it is called
ROWS: dict[str, tuple[str, str, str, str | None, str]] = {
    "a canary": ("gitops", "shop/web", "reconciled: canary 40 % image 4.17.3 -> 4.18.0", "strong", "release"),
    "by another tool": ("argocd-sync", "web", "synced web: v2.1.0 → v2.2.0", "strong", "release"),
    "a chart": ("helm", "shop/web", "chart upgraded, app 1.4 to 1.5", "strong", "release"),
    "a value": ("gitops", "shop/web", "reconciled web: retention 14d -> 10d", "strong", "gitops"),
    "nothing new": ("gitops", "shop/web", "reconciled web, nothing to do", None, ""),
    "of another": ("gitops", "mon/loki", "reconciled loki: image 3.1.0 -> 3.2.0", None, ""),
    "a certificate": ("certificate", "web", "valid 1.2.2026 -> 1.3.2026", None, ""),
}


@pytest.mark.parametrize("name", ROWS)
def test_another_version_that_a_tool_brings_is_a_release(name: str):
    kind, target, summary, sure, called = ROWS[name]
    row = {"ts": AT, "kind": kind, "target": target, "summary": summary}
    (found,) = evidence_of(case("web"), [row], "changes")
    signs = [sign for sign in found.data.get("signs", []) if sign["category"] == "bad_deploy"]
    assert [sign["weight"] for sign in signs] == ([sure] if sure else [])
    assert all(sign["means"].startswith(called) for sign in signs)
