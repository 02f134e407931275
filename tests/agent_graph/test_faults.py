"""Ends by its own fault of a container that runs again; and a disk that fails, told by the kernel of its machine."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.facts import LogLine
from agent_graph.analysts.rules.faults import signs_of_faults
from agent_graph.analysts.rules.reading import read
from backend.investigation.kinds import Category
from tests.agent_graph.cases import BEGAN, case, container, down, history, logs, monitor

SEGFAULT = "kernel: encoder[812]: segfault at 10 ip 00007f2 sp 00007ff error 4 in libvpx.so.9[7f20+1a]"

# name: the codes of its ends, does it run, does the kernel tell of it, how many signs of a fault
ENDS: dict[str, tuple[tuple[int, ...], bool, bool, int]] = {
    "again and again": ((139, 139, 139), True, True, 2),
    "the kernel was not heard": ((134, 134), True, False, 1),
    "once": ((139,), True, True, 0),
    "mostly otherwise": ((1, 1, 139, 139, 1), True, True, 0),
    "it was told to go": ((143, 137, 143), True, True, 0),
    "it does not run, and says so itself": ((139, 139), False, True, 0),
}


@pytest.mark.parametrize("name", ENDS)
def test_ends_by_its_own_fault_are_a_crash(name: str):
    codes, runs, heard, found = ENDS[name]
    at = [BEGAN + timedelta(minutes=n) for n in range(len(codes))]
    events = [LogLine("E4", f"die exitCode={c}", "", None, t, 1) for c, t in zip(codes, at, strict=True)]
    kernel = [LogLine("E5", SEGFAULT, SEGFAULT, "error", at[-1], 1, "kernel")] if heard else []
    (seen,) = read(case(), [container(Running=runs)]).containers
    signs = list(signs_of_faults([seen], events, kernel))
    assert len(signs) == found
    assert all(sign.category == "app_crash" for sign in signs)


REFUSED = "ERROR append to /data/wal/0007: read-only file system"
DISK = "kernel: EXT4-fs error (device vdb1): ext4_journal_check_start:83: Detected aborted journal"

# name: what others say, how long before the first refusal, the category
SAID: dict[str, tuple[str, float, Category]] = {
    "its disk fails": (DISK, 1, "node_failure"),
    "the kernel speaks of something else": ("kernel: eth0: link becomes ready", 1, "permission_denied"),
    "a disk failed long ago": (DISK, 300, "permission_denied"),
}


@pytest.mark.parametrize("name", SAID)
def test_a_file_system_turned_read_only_is_its_disks_matter(name: str):
    said, minutes, wanted = SAID[name]
    spoken = logs(f"{BEGAN - timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ} [kernel] {said}", label="E4")
    around = spoken.model_copy(update={"data": {**spoken.data, "own": False}})
    found = monitor(down("HTTP 500", minutes_ago=1), down("HTTP 500", minutes_ago=2))
    evidence = [container(Running=True), logs(*[REFUSED] * 3), around, history(found, "E5")]
    assert analyse(case(monitor=found), evidence).category == wanted
