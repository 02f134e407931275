"""node_failure: the machine under it is in trouble."""

import re

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.signatures.failing_disk import failing_disk
from agent_graph.analysts.rules.signatures.words import match_words

_WORDS = re.compile(
    r"node(?: [\w.-]+)? (?:is |status is now:? ?)?(?:NotReady|unreachable|not ready)"
    r"|NodeNotReady|kubelet stopped posting|PLEG is not healthy"
    r"|kernel panic|machine check|hardware error|I/O error, dev|soft lockup|hung_task"
    r"|blocked for more than \d+ seconds|container runtime is down"
    # Disks, file systems and memory as the kernel and the storage under it complain of them.
    r"|EXT4-fs error|XFS .{0,40}(?:corruption|error|shutdown)|remounting filesystem read-only"
    r"|md/raid.{0,20}: .{0,10}disk failure"
    r"|RCU (?:CPU )?stall|\brcu_\w{1,30}.{0,30}stall|nfs: server .{1,80} not responding|stale file handle"
    r"|nvme.{0,40}(?:timeout|reset)|\binput/output error|\bdrive is faulty|StorageErr.{0,40}/(?:mnt|disk|drive)"
    r"|could not read block \d+ in file|invalid page in block|mce: .{0,20}error|uncorrect(?:ed|able) .{0,20}error"
    # Its own clock, and not that of whatever sends it something.
    r"|RequestTimeTooSkewed|(?<!device )(?<!client )(?<!sensor )clock (?:is )?skew(?:ed)?"
    r"|clock.{0,30}(?:unsynchroni[sz]ed|too far|out of sync)",
    re.IGNORECASE,
)


def match(facts: Facts) -> Finding | None:
    """The words of kernel or kubelet, or of the kernel beneath it where its disk turned read-only."""
    return failing_disk(facts) or match_words(
        facts,
        "node_failure",
        _WORDS,
        "sits on a machine in trouble",
        "Look at other workloads of the same node: all well would rule it out.",
        any_level=True,
    )


SIGNATURE = Signature("node_failure", "the words of kernel or kubelet", ("network_error", "scheduling_failure"), match)
