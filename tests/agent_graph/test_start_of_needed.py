"""A start is proposed of what the target needs and somebody stopped: nothing else beside it, and no job."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.remedies import remedy
from agent_graph.safety.proposal import guard
from agent_graph.sources.docker.evidence import siblings
from agent_graph.sources.docker.kin import DONE, Family, Kin
from agent_graph.sources.docker.siblings import conditions
from backend.action.kinds import Proposal
from backend.incident.rules import Refusal
from backend.investigation.kinds import Evidence
from tests.agent_graph.cases import BEGAN, case, container, logs

REFUSED = f"{BEGAN:%Y-%m-%dT%H:%M:%S}Z ERROR connect ECONNREFUSED shop-db:5432"
JUST_BEFORE = BEGAN - timedelta(minutes=1)
DECLARED, BESIDE = Kin("shop-db", "dependency", "db", "service_started"), Kin("shop-db", "sibling", "db")
STOPPED: dict[str, Any] = {"Status": "exited", "Running": False, "ExitCode": 143}


def _around(kin: Kin, state: dict[str, Any], *, ran: timedelta, ended: datetime, acts: bool = True) -> list[Evidence]:
    times = {"StartedAt": (ended - ran).isoformat(), "FinishedAt": ended.isoformat()}
    inspected = {"Name": f"/{kin.name}", "Created": (ended - ran).isoformat(), "State": {**state, **times}}
    family = Family(["web"], "project shop", "shop", "web", [kin])
    around = conditions(family, [{"Names": [f"/{kin.name}"], "State": state["Status"]}], {kin.name: inspected})
    return [f.model_copy(update={"label": "S1"}) for f in siblings(case(), family, around, [], "docker ps", acts=acts)]


def _proposed(beside: list[Evidence], said: str = REFUSED) -> Proposal | Refusal:
    state = container(Running=True, Status="restarting", restarts=9, siblings={"shop-db": "exited"})
    evidence = [state, logs(said, said, said), *beside]
    found = remedy(case(), analyse(case(), evidence), evidence)
    if isinstance(found, Proposal):
        assert guard(found, case(), evidence) is None
    return found


# who it is, how it stands, how long it ran until when; is it started?
CASES: dict[str, tuple[Kin, dict[str, Any], timedelta, datetime, bool]] = {
    "a declared dependency": (DECLARED, STOPPED, timedelta(seconds=9), JUST_BEFORE, True),
    "killed": (DECLARED, {**STOPPED, "ExitCode": 137}, timedelta(days=9), JUST_BEFORE, True),
    "killed for memory": (
        DECLARED,
        {**STOPPED, "ExitCode": 137, "OOMKilled": True},
        timedelta(days=9),
        JUST_BEFORE,
        False,
    ),
    "failed by itself": (DECLARED, {**STOPPED, "ExitCode": 1}, timedelta(days=9), JUST_BEFORE, False),
    "the engine could not start it": (
        DECLARED,
        {**STOPPED, "ExitCode": 0, "Error": "port is already allocated"},
        timedelta(days=9),
        JUST_BEFORE,
        False,
    ),
    "a job that it waits for": (replace(DECLARED, wants=DONE), STOPPED, timedelta(days=9), JUST_BEFORE, False),
    "beside it, served until just now": (BESIDE, STOPPED, timedelta(days=9), JUST_BEFORE, True),
    "beside it, ended well": (BESIDE, {**STOPPED, "ExitCode": 0}, timedelta(days=9), JUST_BEFORE, True),
    "beside it, a job of a minute": (BESIDE, STOPPED, timedelta(minutes=1), JUST_BEFORE, False),
    "beside it, stopped yesterday": (BESIDE, STOPPED, timedelta(days=9), BEGAN - timedelta(days=1), False),
}


@pytest.mark.parametrize("name", CASES)
def test_what_was_stopped_is_started_and_what_failed_is_not(name: str):
    kin, state, ran, ended, starts = CASES[name]
    found = _proposed(_around(kin, state, ran=ran, ended=ended))
    if starts:
        assert isinstance(found, Proposal), found
        assert (found.kind, found.target) == ("docker.start_container", "shop-db")
        assert "shop-db is stopped, and did not fail by itself" in found.rationale
    else:
        assert isinstance(found, Refusal), found


def test_what_only_a_line_names_is_not_started():
    around = _around(BESIDE, STOPPED, ran=timedelta(days=9), ended=JUST_BEFORE)
    said = REFUSED.replace("shop-db", "shop-db-backup")
    assert isinstance(_proposed(around, said), Refusal)
    # Of another project, or on an engine that is only looked at.
    assert isinstance(_proposed([]), Refusal)
    elsewhere = _around(BESIDE, STOPPED, ran=timedelta(days=9), ended=JUST_BEFORE, acts=False)
    assert isinstance(_proposed(elsewhere), Refusal)


def test_what_may_be_started_may_be_nothing_but_started():
    around = _around(DECLARED, STOPPED, ran=timedelta(days=9), ended=JUST_BEFORE)
    evidence = [container(Running=True, siblings={"shop-db": "exited"}), *around]

    def asked(kind: str, **params: Any) -> Refusal | None:
        wish = Proposal(
            kind=kind, params={"container": "shop-db", **params}, target="shop-db", rationale="x", evidence=["S1"]
        )
        return guard(wish, case(), evidence)

    assert asked("docker.start_container") is None
    assert asked("docker.stop_container", stop_timeout_seconds=10) is not None
    assert asked("docker.restart_container", stop_timeout_seconds=10) is not None
