"""A code that whoever made a job noted as nothing to do is no failure; any other code, or noted otherwise, is one."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.sources.kubernetes.state import evidence_of
from tests.agent_graph.cases import NOW, alert, case, logs

Object = dict[str, Any]
NOTED = "exit 3 = remote directory empty (usual between batches)"
BROKEN = logs(*(f"03:0{minute}:00 ERROR cannot parse invoice 4711" for minute in range(1, 9)))


def _job(n: int, how: str) -> Object:
    owner = [{"kind": "CronJob", "name": "web"}]
    condition = {"type": how, "status": "True", "lastTransitionTime": (NOW - timedelta(minutes=90 - n)).isoformat()}
    return {"kind": "Job", "metadata": {"name": f"web-2968374{n}", "ownerReferences": owner}} | {
        "status": {"conditions": [condition]}
    }


def _run(code: int) -> Object:
    ended = {"exitCode": code, "reason": "Error", "finishedAt": (NOW - timedelta(minutes=11)).isoformat()}
    about = {"name": "web-29683742-x7k2p", "ownerReferences": [{"kind": "Job", "name": "web-29683742"}]}
    statuses = [{"name": "main", "ready": False, "restartCount": 0, "state": {"terminated": ended}}]
    return {"kind": "Pod", "metadata": about, "status": {"phase": "Failed", "containerStatuses": statuses}}


def _schedule(noted: str) -> Object:
    return {"kind": "CronJob", "metadata": {"name": "web", "annotations": {"corp.example/doc": noted}}, "status": {}}


EARLIER = _job(1, "Complete")
# name: what the schedule notes, the code, what else is there, whether it is no failure
ENDS: dict[str, tuple[str, int, list[Object], bool]] = {
    "nothing was there": (NOTED, 3, [EARLIER], True),
    "in a list of codes": ("exit codes: 0=done, 5=no new files, 4=upload failed", 5, [EARLIER], True),
    "another code": (NOTED, 1, [EARLIER], False),
    "a code of the list that is bad": ("exit codes: 0=done, 2=no new files, 4=upload failed", 4, [EARLIER], False),
    "a code that any failure gives": ("exit codes: 0=done, 1=no new files", 1, [EARLIER], False),
    "a code of wrong use": ("exit codes: 0=done, 2=no new files", 2, [EARLIER], False),
    "a code of the system": ("exit codes: 0=done, 137=no new files", 137, [EARLIER], False),
    "noted as an error": ("exit 3 = error: remote directory is empty", 3, [EARLIER], False),
    "not noted": ("owner is team-edi", 3, [EARLIER], False),
    "no run ever came well": (NOTED, 3, [], False),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_code_that_is_noted_as_nothing_to_do_is_no_failure(name: str):
    noted, code, more, well = ENDS[name]
    assert (_verdict([_schedule(noted), _run(code), *more]) == "not_an_incident") is well


WARNED = logs(*(f"03:09:0{n} WARNING bank refused the login, treating as no files" for n in range(1, 9)))
HINTED = logs("03:09:01 WARNING server offers ssh-rsa host key, deprecated", "03:09:02 INFO 0 entries, nothing to take")


@pytest.mark.parametrize(("said", "verdict"), [(BROKEN, "incident"), (WARNED, "incident"), (HINTED, "not_an_incident")])
def test_who_complains_has_more_to_do_than_nothing(said: Any, verdict: str):
    assert _verdict([_schedule(NOTED), _run(3), EARLIER], said.model_copy(update={"label": "E8"})) == verdict


def _verdict(objects: list[Object], *more: Any) -> str:
    fired = alert(name="KubeJobFailed", labels={}, annotations={"summary": "Job web-29683742 failed"})
    told = case(runtime="kubernetes", alerts=[fired])
    found = [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(evidence_of(told, objects, "test"), 1)]
    return analyse(told, [*found, *more]).verdict
