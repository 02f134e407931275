"""node_failure told by others: its file system turned read-only, and the kernel of its machine complains of it."""

import re
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import first_at, log_citations, name, onset, said, trouble_signals
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
_BEFORE, _SLACK = timedelta(minutes=30), timedelta(minutes=2)
_SYMPTOMS: frozenset[Category] = frozenset(
    {"permission_denied", "app_crash", "restart_loop", "dependency_failure", "config_error", "bad_deploy"}
)


def failing_disk(facts: Facts) -> Finding | None:
    """What it says itself, and what the kernel or a measurement says of the file system at that time.

    What was mounted so on purpose was never otherwise, and no disk complains.
    """
    refused = [line for line in facts.lines if READ_ONLY.search(line.text) and line.at is not None]
    began, signals = first_at(refused), trouble_signals(facts)
    if began is None or not signals:
        return None
    kernel = [line for line in facts.around if _DISK.search(line.message) and _near(line, refused[0])]
    turned = [metric for metric in facts.metrics if _MOUNTED.search(metric.line) and _turned(metric)]
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
