"""Why new trouble belongs to an open incident."""

from dataclasses import replace

import pytest

from backend.incident.kinship import Dependency, Deploy, Subject, kinship

WEB = Subject("shop-web-1", "container", "docker", None, "host-1", "shop/web")
DB = Subject("shop-db-1", "container", "docker", None, "host-1", "shop/db")
POD = Subject("api-7d9f8c6b5-x2x4p", "container", "kubernetes", "shop", "worker-3", "api")
HOST = Subject("worker-3", "host", "kubernetes", None, "worker-3")
NEEDS = Dependency("shop/web", "shop/db")


@pytest.mark.parametrize(
    ("new", "known", "kind"),
    [
        (WEB, WEB, "same_target"),
        (WEB, Subject("shop-web-1", "monitor"), "same_target"),
        (WEB, replace(WEB, server_name="host-2"), None),
        (replace(WEB, target="shop-web-2", server_name="host-2"), WEB, "same_owner"),
        (POD, replace(POD, server_name="worker-4"), "same_target"),
        (POD, replace(POD, namespace="other"), None),
        (replace(POD, target="api-7d9f8c6b5-zzzzz"), POD, "same_owner"),
        (POD, HOST, "same_host"),
        (HOST, POD, None),
        (WEB, DB, None),
        (replace(WEB, depends_on=frozenset({"shop/db"})), DB, "dependency"),
        (replace(WEB, depends_on=frozenset({"shop/db"})), replace(DB, server_name="host-2"), None),
    ],
)
def test_by_what_they_are_about(new: Subject, known: Subject, kind: str | None):
    found = kinship(new, known)
    assert (found and found.kind) == kind


@pytest.mark.parametrize(("new", "known"), [(WEB, DB), (DB, WEB)])
def test_a_dependency_ties_both_ways(new: Subject, known: Subject):
    found = kinship(new, known, [Dependency("other", "thing"), NEEDS])
    assert found is not None
    assert (found.kind, found.reason) == ("dependency", "shop/web depends on shop/db")
    assert kinship(replace(new, server_name="host-2"), known, [NEEDS]) is None
    seen = kinship(new, known, [replace(NEEDS, origin="seen")])
    assert seen is not None
    assert seen.reason == "shop/web was seen to depend on shop/db"


@pytest.mark.parametrize(
    ("target", "needs", "namespace", "tied"),
    [
        ("api", "db", "shop", True),
        ("shop/api", "db", "shop", True),
        ("api", "db", "staging", False),
        ("api", "data/db", "data", True),
        ("api", "data/db", "staging", False),
        ("staging/api", "db", "shop", False),
        ("api", "db", None, True),
    ],
)
def test_a_name_alone_means_the_one_in_the_same_namespace(target: str, needs: str, namespace: str | None, tied: bool):
    store = replace(POD, target="db-0", owner="db", namespace=namespace)
    for new, known in ((POD, store), (store, POD)):
        assert (kinship(new, known, [Dependency(target, needs)]) is not None) is tied


def test_the_same_deploy_ties_what_it_changed():
    found = kinship(WEB, DB, (), [Deploy("v1.2", frozenset({"shop-web-1", "shop/db"}))])
    assert found is not None
    assert (found.kind, found.reason) == ("same_deploy", "v1.2 changed both shop-db-1 and shop-web-1 just before")
    assert kinship(WEB, DB, (), [Deploy("v1.2", frozenset({"shop-web-1"}))]) is None


def test_the_surest_reason_is_given():
    found = kinship(WEB, WEB, [NEEDS], [Deploy("v1.2", frozenset({"shop-web-1"}))])
    assert found is not None
    assert found.kind == "same_target"
