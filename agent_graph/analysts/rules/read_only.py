"""A file system that turned read-only by itself is a matter of its disk, and not of what somebody may do."""

import re
from dataclasses import replace

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.signatures.node_failure import match as machine_in_trouble

_READ_ONLY = re.compile(r"read-?only file ?system|\bEROFS\b", re.IGNORECASE)


def without_turned(facts: Facts) -> Facts:
    """The facts without what is refused for that reason, where the machine itself complains; all of them elsewhere.

    What was mounted so on purpose is refused with the same words, and no disk complains.
    """
    refused = [line for line in facts.lines if _READ_ONLY.search(line.text)]
    if not refused:
        return facts
    kept = replace(facts, lines=[line for line in facts.lines if line not in refused])
    return kept if machine_in_trouble(kept) is not None else facts
