"""What a machine's security module refuses the target is a matter of rights, whatever the target calls it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.signatures.refused_by_kernel import refused_by_kernel
from tests.agent_graph.cases import BEGAN, case

FAILS = Sign("E1", "prometheus", "trouble", "strong", "up{}: 1 → 0", "web", BEGAN, "it is down")
SELINUX = (
    'type=AVC msg=audit(17:41): avc:  denied  { read } for  pid=7 comm="web" name="ledger.db" dev="sdb1"'
    " scontext=system_u:system_r:container_t:s0 tcontext=system_u:object_r:default_t:s0 tclass=file permissive=0"
)
APPARMOR = (
    'audit: type=1400 audit(17:41): apparmor="DENIED" operation="open" profile="p" name="/srv/ledger.db" comm="d"'
)
OWN = "cannot connect to database: unable to open ledger.db"


def line(text: str, at: datetime = BEGAN, level: Any = None, speaker: str = "") -> LogLine:
    return LogLine("E2", text, text, level, at, 1, speaker)


def facts(refused: str, own: str = OWN, since: datetime = BEGAN - timedelta(minutes=15), **more: Any) -> Facts:
    told: dict[str, Any] = {
        "lines": [line(own, BEGAN + timedelta(seconds=2), "error")],
        "around": [line(refused, speaker="audit")],
        "signs": [FAILS],
        "heard_since": since,
        **more,
    }
    return Facts(case(), **told)


# what the kernel says, what the target says, whether it is that
SAID: dict[str, tuple[str, str, bool]] = {
    "its process": (SELINUX, "database is gone", True),
    "the file that it misses": (SELINUX.replace('comm="web"', 'comm="run.sh"'), OWN, True),
    "the path that it misses": (APPARMOR, OWN, True),
    "only noted": (SELINUX.replace("permissive=0", "permissive=1"), OWN, False),
    "let through": (APPARMOR.replace("DENIED", "ALLOWED"), OWN, False),
    "another's": (SELINUX.replace('comm="web"', 'comm="sssd"').replace("ledger.db", "passwd"), OWN, False),
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_refused_to_it_is_a_matter_of_rights(name: str):
    refused, own, blamed = SAID[name]
    found = refused_by_kernel(facts(refused, own))
    assert (found is not None) == blamed
    assert found is None or (found.category == "permission_denied" and "dependency_failure" in found.explains)


def test_what_was_refused_in_good_times_too_is_no_cause():
    assert refused_by_kernel(facts(SELINUX, since=BEGAN - timedelta(seconds=30))) is None
    assert (
        refused_by_kernel(facts(SELINUX, around=[line(SELINUX, BEGAN - timedelta(hours=2), speaker="audit")])) is None
    )


def test_a_refusal_where_nothing_is_wrong_is_none():
    assert refused_by_kernel(facts(SELINUX, signs=[])) is None
