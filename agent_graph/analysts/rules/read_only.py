"""A file system that turned read-only by itself is a matter of its disk, and not of what somebody may do."""

from dataclasses import replace

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.signatures.failing_disk import READ_ONLY, failing_disk
from agent_graph.analysts.rules.signatures.node_failure import match as machine_in_trouble


def without_turned(facts: Facts) -> Facts:
    """The facts without what is refused for that reason, where the machine itself complains; all of them elsewhere.

    What was mounted so on purpose is refused with the same words, and no disk complains.
    """
    refused = [line for line in facts.lines if READ_ONLY.search(line.text)]
    if not refused:
        return facts
    kept = replace(facts, lines=[line for line in facts.lines if line not in refused])
    turned = machine_in_trouble(kept) is not None or failing_disk(facts) is not None
    return kept if turned else facts
