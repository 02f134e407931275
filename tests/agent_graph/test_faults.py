"""Ends by its own fault of a container that runs again; and a disk that fails, told by the kernel of its machine."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.facts import LogLine, Metric
from agent_graph.analysts.rules.faults import signs_of_faults
from agent_graph.analysts.rules.reading import read
from agent_graph.analysts.rules.signatures.failing_disk import failing_disk
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


def test_a_code_of_thousands_of_digits_is_none():
    (seen,) = read(case(), [container(Running=True)]).containers
    text = f"die exitCode={'9' * 4_400}"
    assert not list(signs_of_faults([seen], [LogLine("E4", text, "", None, BEGAN, 1)] * 2, []))


REFUSED = "ERROR append to /data/wal/0007: read-only file system"
DISK = "kernel: EXT4-fs error (device vdb1): ext4_journal_check_start:83: Detected aborted journal"

TURNED = 'node_filesystem_readonly{device="/dev/vdb1", instance="edge-1:9100"}: 0 → 1'
TURNS, VOLUME = "kernel: EXT4-fs (dm-2): Remounting filesystem read-only", TURNED.replace("vdb1", "mapper/vg0-data")
HARDENED = "deploy web: readOnlyRootFilesystem: true"

# name: who says what, how long before the first refusal, what is measured, what was changed, the category
SAID: dict[str, tuple[str, float, str, str, Category]] = {
    "its disk fails": (f"[edge-1] {DISK}", 1, "", "", "node_failure"),
    "its file system is seen to turn": (f"[kernel] {DISK}", 1, TURNED, "", "node_failure"),
    "another of its file systems turned": (
        f"[kernel] {DISK}",
        1,
        TURNED.replace("vdb1", "vdc1"),
        "",
        "permission_denied",
    ),
    "a volume of its own turns as the kernel says": (f"[kernel] {TURNS}", 1, VOLUME, "", "node_failure"),
    "its volume turned at another time": (f"[kernel] {TURNS}", 20, VOLUME, "", "permission_denied"),
    "another machine's volume": (f"[kernel] {TURNS}", 1, VOLUME.replace("edge", "store"), "", "permission_denied"),
    "a kernel that tells of no turn": (f"[kernel] {DISK}", 1, VOLUME, "", "permission_denied"),
    "another machine's turned": (f"[kernel] {DISK}", 1, TURNED.replace("edge", "store"), "", "permission_denied"),
    "the kernel speaks of something else": (
        "[edge-1] kernel: eth0: link becomes ready",
        1,
        "",
        "",
        "permission_denied",
    ),
    "a disk failed long ago": (f"[edge-1] {DISK}", 300, "", "", "permission_denied"),
    "another machine's disk fails": ("[storage-9] kernel: I/O error, dev sdq", 1, "", HARDENED, "permission_denied"),
    "somebody's disk fails": (f"[kernel] {DISK}", 1, "", "", "permission_denied"),
    "it is meant to be read-only": (f"[edge-1] {DISK}", 1, "", HARDENED, "permission_denied"),
}


@pytest.mark.parametrize("name", SAID)
def test_a_file_system_turned_read_only_is_its_disks_matter(name: str):
    said, minutes, measured, changed, wanted = SAID[name]
    spoken = logs(f"{BEGAN - timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ} {said}", label="E4")
    around = spoken.model_copy(update={"data": {**spoken.data, "own": False}})
    found = monitor(down("HTTP 500", minutes_ago=1), down("HTTP 500", minutes_ago=2))
    evidence = [container(Running=True), logs(*[REFUSED] * 3), around, history(found, "E5")]
    facts = read(case(monitor=found, labels={"host": "edge-1"}), evidence)
    points = [(BEGAN.timestamp() + 60 * n, float(n > 0)) for n in range(-3, 5)]
    metrics = [Metric("E6", "other", measured, points, None, BEGAN)] if measured else []
    at = BEGAN - timedelta(minutes=1)
    changes = [LogLine("E7", f"{at:%Y-%m-%dT%H:%M:%SZ} {changed}", changed, None, at, 1)] if changed else []
    facts = replace(facts, metrics=metrics, changes=changes)
    assert (failing_disk(facts) is not None) == (wanted == "node_failure")
    if not measured and not changed:
        assert analyse(facts.case, evidence).category == wanted
