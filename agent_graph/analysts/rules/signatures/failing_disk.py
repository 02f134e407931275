"""node_failure told by others: its file system turned read-only, and the kernel of its machine complains of it."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import first_at, log_citations, name, onset, said, trouble_signals
from agent_graph.sources.signs import aliases, belongs
from backend.investigation.kinds import Category

READ_ONLY = re.compile(r"read-?only file ?system|\bEROFS\b", re.IGNORECASE)
# As kernels speak of a disk and of what it carries, as it fails beneath them.
_DISK = re.compile(
    r"I/O error, dev|EXT4-fs error|XFS .{0,40}(?:corruption|error|shutdown)|remounting filesystem read-only"
    r"|abort(?:ing|ed) journal|md/raid.{0,20}: .{0,10}disk failure|nvme.{0,40}(?:timeout|reset|not ready)"
    r"|BTRFS.{0,60}(?:error|forced readonly)|ata\d+.{0,40}(?:failed command|hard resetting)|medium error",
    re.IGNORECASE,
)
_MOUNTED = re.compile(r"^\w*filesystem_readonly\b")
# Under what a machine is known to alerts and series, and how a kernel's line names it in a system's log.
_OF_A_MACHINE = ("node", "nodename", "host", "hostname", "instance", "server", "kubernetes_node")
_HOST = re.compile(r"(?<!\S)(\S{1,253}) kernel: ")
_PARTITION = re.compile(r"(?<=\d)p\d+$|(?<=[a-z])\d+$")
# Volumes have names for people and numbers for the kernel, which tells the numbers.
_VOLUME, _TURNS = re.compile(r"mapper/|/vg|/by-"), re.compile(r"remounting filesystem read-only|forced readonly", re.I)
# Who has it mounted so on purpose.
_ON_PURPOSE = re.compile(r"read[-_ ]?only|[:=,]ro\b", re.IGNORECASE)
_BEFORE, _LATELY, _SLACK = timedelta(minutes=30), timedelta(hours=2), timedelta(minutes=2)
_SYMPTOMS: frozenset[Category] = frozenset(
    {"permission_denied", "app_crash", "restart_loop", "dependency_failure", "config_error", "bad_deploy"}
)


def failing_disk(facts: Facts) -> Finding | None:
    """What it says itself, and what the kernel of its own machine says of a disk at that time.

    Another machine's disk explains nothing here: who speaks is to be its machine, or what is measured of its own file
    system turned. What was mounted so on purpose, as registered just before, is no disk's matter.
    """
    refused = [line for line in facts.lines if READ_ONLY.search(line.text) and line.at is not None]
    began, signals = first_at(refused), trouble_signals(facts) or ([facts.alert] if facts.alert is not None else [])
    if began is None or not signals or _is_meant(facts, refused[0]):
        return None
    kernel = [line for line in facts.around if _DISK.search(line.message) and _near(line, refused[0])]
    machines = _machines(facts)
    turned = [m for m in facts.metrics if _MOUNTED.search(m.line) and _turned(m) and _is_own(m, machines, facts)]
    known = [line for line in kernel if _speaks_of_it(line, machines) or any(_names(line, m) for m in turned)]
    kernel = known or _as_it_turned(kernel, turned)
    if not kernel:
        return None
    first = next((line for line in kernel if line.is_error), kernel[0])
    what = f"{said(first, 240)}; since then {said(refused[0])}"
    return Finding(
        category="node_failure",
        statement=f"{name(facts)} sits on a machine whose disk fails: {what}.",
        supporting=[
            *log_citations([first, *kernel]),
            *(metric.cite("its file system turned") for metric in turned[:1]),
            refused[0].cite("what comes of it"),
            *signals[:2],
        ],
        strength="strong",
        onset=onset(first_at(kernel), began),
        explains=_SYMPTOMS,
        rooted=True,
        disproof="Write to another directory of the same disk: success would rule it out.",
    )


def _near(line: LogLine, refused: LogLine) -> bool:
    return line.at is not None and refused.at is not None and -_BEFORE <= line.at - refused.at <= _SLACK


def _turned(metric: Metric) -> bool:
    return metric.points[0][1] == 0 and metric.last == 1


def _is_meant(facts: Facts, refused: LogLine) -> bool:
    near = [c for c in facts.changes if c.at and refused.at and -_LATELY <= c.at - refused.at <= _SLACK]
    known = [one.lower() for one in aliases(facts.case)]
    own = [change for change in near if any(one in change.text.lower() for one in known)]
    return any(_ON_PURPOSE.search(change.message) for change in own)


def _machines(facts: Facts) -> set[str]:
    """Under what names the machine is known on which it runs."""
    told = [facts.case.target.labels, *(one.labels for one in facts.case.alerts)]
    named = [labels.get(key, "") for labels in told for key in _OF_A_MACHINE]
    nodes = [name.removeprefix("node/") for name in facts.scope if name.startswith("node/")]
    return {_bare(name) for name in (*named, *nodes, facts.case.target.server_name or "") if name}


def _bare(name: str) -> str:
    """Without the port at which it is measured."""
    return re.sub(r":\d+$", "", name.strip().lower())


def _speaks_of_it(line: LogLine, machines: set[str]) -> bool:
    host = _HOST.search(line.text)
    return _bare(line.speaker) in machines or (host is not None and _bare(host[1]) in machines)


def _is_own(metric: Metric, machines: set[str], facts: Facts) -> bool:
    labels = metric.labels
    places: Sequence[str] = [labels[key] for key in _OF_A_MACHINE if key in labels]
    own = [labels[key] for key in ("pod", "container", "name") if key in labels]
    known = aliases(facts.case)
    return any(_bare(place) in machines for place in places) or any(belongs(one, known) for one in own)


def _names(line: LogLine, metric: Metric) -> bool:
    """Does the line speak of the disk, or a part of it, whose file system turned?"""
    device = metric.labels.get("device", "").removeprefix("/dev/")
    disk = _PARTITION.sub("", device)
    return bool(disk) and re.search(rf"(?<![\w-]){re.escape(disk)}(?:p?\d+)?(?!\w)", line.message) is not None


def _as_it_turned(kernel: Sequence[LogLine], turned: Sequence[Metric]) -> list[LogLine]:
    """The kernel that says, as its own file system is seen to turn, that one does: it calls a volume by a number.

    Who said that is the kernel of its machine, whatever else it says of disks.
    """
    mapped = [m.change_at for m in turned if m.change_at and _VOLUME.search(m.labels.get("device", ""))]
    said_so = [line for line in kernel if line.at and _TURNS.search(line.message)]
    speakers = {line.speaker for line in said_so for at in mapped if line.at and abs(line.at - at) <= _SLACK}
    return [line for line in kernel if line.speaker in speakers]
