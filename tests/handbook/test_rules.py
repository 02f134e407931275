"""Which runbook fits, and what an import does with a file: tables of cases."""

import pytest

from backend.handbook.rules import SHOWN, TELLING, Fit, Known, Purpose, Situation, Skip, chosen, fit, imports

OOM = Situation("oom", "web-1", "shop", "docker", frozenset({"docker.restart_container"}), "")


def purpose(*categories: str, targets: tuple[str, ...] = (), actions: tuple[str, ...] = (), words: float = 0.0):
    return Purpose(categories, targets, actions, words)


CASES = {
    "its category": (purpose("oom"), True, "for oom"),
    "another category": (purpose("dns_failure"), False, ""),
    "its target": (purpose(targets=("web-*",)), True, "for targets like web-*"),
    "its target in its namespace": (purpose(targets=("shop/web-1",)), True, "for shop/web-1"),
    "for all targets, and for no category": (purpose(targets=("*", "*/*")), False, ""),
    "for all targets, and its category": (purpose("oom", targets=("*",)), True, "for oom"),
    "for all targets, also for those that it names": (purpose("oom", targets=("db-*", "*")), True, "for oom"),
    "its category, but written for other targets": (purpose("oom", targets=("db-*",)), False, ""),
    "its category, but written for another platform": (purpose("oom", actions=("kubernetes.delete_pod",)), False, ""),
    "a hook is of no platform": (purpose("oom", actions=("runbook.call_hook",)), True, "for oom"),
    "its action": (purpose("oom", actions=("docker.restart_container",)), True, "describes docker.restart_container"),
    "only words, and it is for something else": (purpose("dns_failure", words=TELLING), False, ""),
    "only words, and it does not say what it is for": (purpose(words=TELLING), True, "words of the incident"),
    "one word of many": (purpose(words=TELLING / 2), False, ""),
}


@pytest.mark.parametrize("case", CASES)
def test_fit(case: str):
    what, shown, reason = CASES[case]
    found = fit(what, OOM)
    assert (found.score >= SHOWN) is shown
    if shown:
        assert any(reason in said for said in found.reasons)
    assert 0 <= found.score <= 1


def test_more_reasons_fit_better():
    weak = fit(purpose("oom"), OOM)
    strong = fit(purpose("oom", targets=("web-*",), actions=("docker.restart_container",), words=TELLING), OOM)
    assert strong.score > weak.score


def test_what_is_found_by_words_alone_is_one_and_comes_last():
    fits = {"a": Fit(0.5, [], True), "b": Fit(0.4, []), "c": Fit(0.4, [], True), "d": Fit(0.3, []), "e": Fit(0.2, [])}
    assert chosen(fits, fits.__getitem__, 5) == ["b", "d", "a"]
    assert chosen(fits, fits.__getitem__, 2) == ["b", "d"]


def test_a_glob_full_of_stars_takes_no_time():
    assert fit(purpose(targets=("*a" * 90 + "b",)), Situation("oom", "a" * 300, None, None, frozenset(), "")).score == 0


@pytest.mark.parametrize(
    ("known", "outcome"),
    [
        (None, "create"),
        (Known("a.md", "1", False), "unchanged"),
        (Known("a.md", "1", True), "unchanged"),
        (Known("a.md", "0", False), "update"),
        (Known("a.md", "0", True), "edited here"),
        (Known("b.md", "1", False), "imported from b.md"),
        (Known(None, None, False), "written here"),
    ],
)
def test_imports(known: Known | None, outcome: str):
    found = imports("a.md", "1", known)
    assert outcome in found.why if isinstance(found, Skip) else found == outcome
