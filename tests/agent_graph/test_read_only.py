"""A disk that fails turns its file system read-only: that is no matter of rights; a mount made so on purpose is."""

import pytest

from agent_graph.analysts.rules.analyst import analyse
from backend.investigation.kinds import Category
from tests.agent_graph.cases import case, logs

_REFUSED = "ERROR could not write /data/queue/000117.log: Read-only file system"
# name: what else is said, the category
SAID: dict[str, tuple[tuple[str, ...], Category]] = {
    "xfs": (("kernel: I/O error, dev nvme1n1, sector 8812 op 0x1:(WRITE)", _REFUSED), "node_failure"),
    "ext4": (("kernel: EXT4-fs (vdb): Remounting filesystem read-only", _REFUSED), "node_failure"),
    "mounted so": ((_REFUSED,), "permission_denied"),
    "rights, beside a bad disk": (
        ("kernel: I/O error, dev sdz, sector 8812", "ERROR open /data/key.pem: permission denied"),
        "permission_denied",
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_a_failing_disk_is_no_matter_of_rights(name: str):
    said, wanted = SAID[name]
    thought = {h.category for h in analyse(case(), [logs(*said)]).hypotheses}
    assert wanted in thought
    assert ("permission_denied" in thought) == (wanted == "permission_denied")
