"""What was put on the target's machine just as its connections broke is told; what was put elsewhere is not."""

import pytest

from agent_graph.analysts.rules.context.beforehand import told
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from backend.investigation.kinds import Category
from tests.agent_graph.cases import BEGAN, alert, case

# name: the change, the category, is it told
MADE: dict[str, tuple[str, Category, bool]] = {
    "a stack beside it": ("deploy annotations: new stack annotations on app7", "dependency_failure", True),
    "its machine named in full": ("deploy wiki: wiki_default network on app7.example.org", "network_error", True),
    "elsewhere": ("deploy annotations: new stack annotations on app9", "dependency_failure", False),
    "nothing of the way": ("deploy annotations: new stack annotations on app7", "app_crash", False),
}


@pytest.mark.parametrize("name", MADE)
def test_what_was_put_on_its_machine_is_told(name: str):
    change, category, wanted = MADE[name]
    fired = alert(labels={"alertname": "LoginsFail", "instance": "app7:8000"})
    line = LogLine("E9", change, change, None, BEGAN, 1)
    finding = Finding(category, "web cannot reach 10.4.0.9.", [], "strong", onset=BEGAN)
    said = told(finding, Facts(case(alerts=[fired]), changes=[line])).statement
    assert ("Shortly before it" in said) == wanted
