"""A second way switched off is not why the first fails; a sealed or a full store is no matter for a restart."""

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.signatures.dependency_failure import match as dependency
from agent_graph.analysts.rules.signatures.held_back import held_back
from agent_graph.analysts.rules.signatures.memory_pressure import beyond_fresh_processes
from backend.investigation.kinds import Citation
from tests.agent_graph.cases import BEGAN, alert, case, down, history, logs, monitor

ALERT = Citation(evidence="E1", quote="ShardsUnassigned (firing)")

# name: what it says, is that why
HELD: dict[str, tuple[str, bool]] = {
    "what it would do": ("allocation forbidden due to cluster setting [routing.allocation.enable=none]", True),
    "what it would do instead": ("fallback cache disabled by flag lookup.fallback=false", False),
    "what it would fall back to": ("falling back is disabled by option lookup.second_store=off", False),
}


@pytest.mark.parametrize("name", HELD)
def test_a_fallback_that_is_switched_off_explains_nothing(name: str):
    said, why = HELD[name]
    line = LogLine("E2", said, said, "warning", BEGAN, 9)
    assert (held_back(Facts(case(), lines=[line], alert=ALERT)) is not None) == why


SEALED = "ERROR auth: PUT http://vault.sec.svc:8200/v1/login Code: 503. Errors: * Vault is sealed"
# name: what it says, who is complained of; None: nobody
STATES: dict[str, tuple[str, str | None]] = {
    "another is sealed": (SEALED, "vault.sec.svc:8200"),
    "it says so of itself": ("INFO core: vault is sealed, awaiting unseal keys", None),
    "nobody is named": ("ERROR the envelope is sealed", None),
    "an index without its shards": (
        "ERROR query at search-1.shop.svc:9200: all shards failed",
        "search-1.shop.svc:9200",
    ),
}


@pytest.mark.parametrize("name", STATES)
def test_who_answers_that_it_is_sealed_is_a_party_that_does_not_work(name: str):
    said, whom = STATES[name]
    level = "error" if said.startswith("ERROR") else "info"
    found = dependency(Facts(case(), lines=[LogLine("E2", said, said, level, BEGAN, 5)]))
    assert (found is not None) == (whom is not None)
    assert found is None or (whom and whom in found.statement)


FULL = "redis.exceptions.OutOfMemoryError: command not allowed when used memory > 'maxmemory'."
CROWDED = "node n1 is short of memory: it sent web-1 away; on it runs lab/notebook without a memory limit"

# name: what others say, what the cluster knows, does a fresh process find it as it was
FILLED: dict[str, tuple[str, str, bool]] = {
    "a store keeps what fills it": (FULL, "", True),
    "another took the node's memory": ("", CROWDED, True),
    "it grew itself": ("", "web uses 98 % of its limit", False),
}


@pytest.mark.parametrize("name", FILLED)
def test_a_fresh_process_has_no_more_memory_where_others_fill_it(name: str):
    said, known, beyond = FILLED[name]
    around = [LogLine("E3", said, said, "error", BEGAN, 3, "api")] if said else []
    signs = [Sign("E4", "kubernetes", "memory_pressure", "proof", known, "n1", BEGAN, known)] if known else []
    assert beyond_fresh_processes(Facts(case(), around=around, signs=signs)) == beyond


def test_the_first_way_is_told_where_the_second_is_switched_off():
    said = ["ERROR GET search-1.shop.svc:9200: all shards failed", "WARN fallback disabled by flag find.fallback=false"]
    found = monitor(down("HTTP 503", minutes_ago=1), down("HTTP 503", minutes_ago=2))
    draft = analyse(case(monitor=found, alerts=[alert()]), [logs(*said * 4), history(found, "E5")])
    assert draft.category == "dependency_failure"
