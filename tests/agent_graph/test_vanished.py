"""A name that is not found is the name of somebody who does not run; a name of elsewhere is the resolver's matter."""

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.sources.docker.evidence import siblings
from agent_graph.sources.docker.kin import Family, Kin
from agent_graph.sources.docker.siblings import conditions
from backend.investigation.kinds import Category, Evidence
from tests.agent_graph.cases import BEGAN, case, container, logs

_AT = f"{BEGAN:%Y-%m-%dT%H:%M:%S}Z"
# name: what is said, the one beside it: its container and service, how it is, when it was created; the category
SAID: dict[str, tuple[str, tuple[str, str, str, str], Category]] = {
    "go, stopped": (
        "dial tcp: lookup queue on 127.0.0.11:53: no such host",
        ("shop-queue-1", "queue", "exited", "2026-02-01T10:00:00Z"),
        "dependency_failure",
    ),
    "python, made anew and looping": (
        "psycopg.OperationalError: [Errno -2] Name or service not known: 'shop-db-1'",
        ("shop-db-1", "db", "restarting", _AT),
        "bad_deploy",
    ),
    "node names nobody": (
        "Database Connection Error: getaddrinfo EAI_AGAIN undefined",
        ("shop-db-1", "db", "restarting", "2026-02-01T10:00:00Z"),
        "dependency_failure",
    ),
    "a name of elsewhere": (
        "getaddrinfo ENOTFOUND api.payments.example.com",
        ("shop-db-1", "db", "restarting", "2026-02-01T10:00:00Z"),
        "dns_failure",
    ),
    "all run": (
        "dial tcp: lookup queue on 127.0.0.11:53: no such host",
        ("shop-queue-1", "queue", "running", "2026-02-01T10:00:00Z"),
        "dns_failure",
    ),
}


def _beside(one: str, service: str, status: str, created: str) -> list[Evidence]:
    state = {"Status": status, "Running": status != "exited", "ExitCode": int(status != "running"), "StartedAt": _AT}
    inspected = {"Name": f"/{one}", "Created": created, "State": {**state, "FinishedAt": _AT}}
    family = Family(["web"], "project shop", "shop", "web", [Kin(one, "sibling", service)])
    around = conditions(family, [{"Names": [f"/{one}"], "State": status}], {one: inspected})
    found = siblings(case(), family, around, [], "docker ps")
    return [f.model_copy(update={"label": f"S{n}"}) for n, f in enumerate(found)]


@pytest.mark.parametrize("name", SAID)
def test_who_is_away_is_blamed_for_its_name(name: str):
    words, (one, service, status, created), wanted = SAID[name]
    line = f"{BEGAN:%Y-%m-%dT%H:%M:%S}Z ERROR {words}"
    target = container(Running=True, Status="restarting", restarts=9)
    draft = analyse(case(), [target, logs(line, line, line), *_beside(one, service, status, created)])
    assert draft.category == wanted, draft.root_cause
    assert (one in draft.root_cause) == (wanted != "dns_failure")


# what is said, who stands beside it and how, and who is meant
ASKED: dict[str, tuple[str, dict[str, str], str]] = {
    "ruby": (
        "getaddrinfo: Name or service not known (redis://cache:6379/0)",
        {"shop-cache": "exited"},
        "shop-cache",
    ),
    "php": (
        'PDO: getaddrinfo for db failed: could not translate host name "db" to address: Name or service not known',
        {"shop_db_1": "exited", "shop_web_2": "running"},
        "shop_db_1",
    ),
    "node": ("getaddrinfo EAI_AGAIN job-queue", {"shop-job-queue-1": "exited"}, "shop-job-queue-1"),
    "one of two that runs": (
        "getaddrinfo ENOTFOUND cache",
        {"old-cache-1": "exited", "shop-cache-1": "running"},
        "",
    ),
    "two that do not run": ("getaddrinfo ENOTFOUND cache", {"old-cache-1": "exited", "shop-cache-1": "exited"}, ""),
    "of a domain": ("getaddrinfo ENOTFOUND cache.example.com", {"shop-cache-1": "exited"}, ""),
    "a word beside it": ("cache miss, then getaddrinfo ENOTFOUND bank", {"shop-cache-1": "exited"}, ""),
}


@pytest.mark.parametrize("name", ASKED)
def test_who_is_asked_for_by_the_service_in_its_name_is_blamed(name: str):
    words, beside, who = ASKED[name]
    line = f"{BEGAN:%Y-%m-%dT%H:%M:%S}Z ERROR {words}"
    draft = analyse(case(), [container(Running=False, ExitCode=1, siblings=beside), logs(line, line, line)])
    assert (draft.category == "dependency_failure") == bool(who), draft.root_cause
    assert who in draft.root_cause
