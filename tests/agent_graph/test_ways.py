"""What was changed just before: a way that was shut explains, and of other changes only what all share is named."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.context.beforehand import told
from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.reading import read
from agent_graph.analysts.rules.signatures.dns_failure import match
from tests.agent_graph.cases import BEGAN, case, down, history, monitor

FAILED = Finding("app_crash", "web ends with exit code 1 (docker).", [], "strong")

# What was registered two minutes before: does a reader hear of it?
CHANGES = {
    "deploy mail/newsletter: 4.1.0": False,
    "release crm: build 8812": False,
    "config_change crm/importer: more columns": False,
    "network vlan-12: switch port moved": True,
    "config baseline: security baseline for all namespaces": True,
    "feature_flag global: new-basket on for all": True,
    "deploy ingress-nginx/ingress-nginx-controller: 1.12": True,
    "platform nodes: kernel 6.8 rolled out": True,
    "upgrade vm-1: docker-ce 28.5.2 -> 29.0.1": True,
    "upgrade vm-1: libssl3 3.0.15 -> 3.0.16": False,
}

MISSED = Finding("config_error", "web fails: column guests.legacy_title does not exist.", [], "strong")


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ("job shop/db-migrate: 20260528 RemoveLegacyTitleFromGuests", True),
        ("job shop/db-migrate: drop guests.legacy_title", True),
        ("job shop/db-migrate: AddIndexToInvoices", False),
    ],
)
def test_the_change_that_names_what_is_missed_is_told(change: str, fits: bool):
    line = LogLine("E1", f"at {change}", change, None, BEGAN - timedelta(minutes=9), 1)
    assert ("Shortly before it" in told(MISSED, replace(Facts(case()), changes=[line])).statement) == fits


@pytest.mark.parametrize("change", CHANGES)
def test_only_what_all_share_is_named_without_being_asked_for(change: str):
    line = LogLine("E1", f"at {change}", change, None, BEGAN - timedelta(minutes=2), 1)
    statement = told(FAILED, replace(Facts(case()), changes=[line])).statement
    assert ("Shortly before it" in statement) == CHANGES[change]


# What the cluster has, and what was registered, before names could not be resolved: what is said of it.
SHUT = "network policy deny-all, made at 11:58, lets no egress through for its pods"
POLICY = Sign("E2", "kubernetes", "network_error", "strong", "network policy deny-all", "deny-all", BEGAN, SHUT)
OLD = replace(POLICY, at=BEGAN - timedelta(days=2))
WAYS: dict[str, tuple[list[Sign], str, str]] = {
    "a policy that shuts it": ([POLICY], "deploy data/db: minor maintenance", "lets no egress through"),
    "registered only": ([], "terraform vpc: egress rules of the subnet", "egress rules of the subnet"),
    "an old policy": ([OLD], "", ""),
    "nothing of the way": ([], "deploy mail/newsletter: 4.1.0", ""),
}


@pytest.mark.parametrize("name", WAYS)
def test_names_that_cannot_be_resolved_are_laid_to_the_way_that_was_shut(name: str):
    signs, change, expected = WAYS[name]
    failed = LogLine("E3", "getaddrinfo EAI_AGAIN db.data", "getaddrinfo EAI_AGAIN db.data", "error", BEGAN, 1)
    made = LogLine("E1", f"at {change}", change, None, BEGAN - timedelta(minutes=3), 1)
    facts = replace(Facts(case()), lines=[failed], signs=signs, changes=[made] if change else [])
    finding = match(facts)
    assert finding is not None
    assert ("just before" in finding.statement) == bool(expected)
    assert expected in finding.statement


# name: the type of the check, what it says, whether the name is at fault
ANSWERS: dict[str, tuple[str, str, bool]] = {
    "another address": ("dns", "A answer 192.0.2.4 does not match expected 192.0.2.41", True),
    "no answer": ("dns", "timed out after 5 s", False),
    "another page": ("http", "the answer does not match: keyword missing", False),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_wrong_answer_is_laid_to_whoever_wrote_it(name: str):
    kind, error, wrong = ANSWERS[name]
    failing = monitor(down(error), expected="192.0.2.41").model_copy(update={"type": kind})
    told = case("web", source_type="monitor", monitor=failing)
    wrote = LogLine("E3", "octodns: 192.0.2.41 -> 192.0.2.4", "octodns: 192.0.2.41 -> 192.0.2.4", "info", BEGAN, 1)
    served = replace(wrote, text="GET http://192.0.2.41/ 200", message="GET http://192.0.2.41/ 200")
    finding = match(replace(read(told, [history(failing)]), around=[served, wrote]))
    assert (finding is not None) is wrong
    assert finding is None or [cite.quote for cite in finding.supporting][1:] == [wrote.text]
