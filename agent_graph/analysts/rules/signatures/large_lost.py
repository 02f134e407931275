"""network_error where nobody speaks of connections: who measures the way sees that large packets alone are lost."""

from datetime import timedelta

from agent_graph.analysts.rules.context.packet_sizes import in_a_sentence, of_size, too_large
from agent_graph.analysts.rules.context.ways import changed_ways, just_before
from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals

_BEFORE = timedelta(minutes=10)


def large_lost(facts: Facts) -> Finding | None:
    """The target is in trouble since large packets began to be lost; where they always are, that is no news."""
    signals = trouble_signals(facts)
    seen = [sign.at for sign in facts.signs_of("trouble", "strong") if sign.at]
    if not signals or not seen:
        return None
    onset = min(seen)
    lost = too_large(facts, onset)
    heard = [*facts.lines, *facts.around, *facts.usual]
    if not lost or any(line.at and line.at < onset - _BEFORE for line in heard if of_size(line)):
        return None
    made = changed_ways(facts, onset)
    return Finding(
        category="network_error",
        statement=f"Connections to or from {name(facts)} hang{in_a_sentence(lost)}{just_before([], made)}.",
        supporting=[
            *(line.cite("large packets do not arrive") for line in lost),
            *(line.cite("changed just before they were lost") for line in made),
            *signals[:3],
        ],
        strength="strong",
        onset=onset,
        disproof="Send large packets that may not be split: if they arrive, the way takes them.",
        # A file server that is not heard is told by the kernel; its machine has nothing.
        explains=frozenset({"dependency_failure", "node_failure", "connection_exhaustion", "probe_failure"}),
        rooted=True,
    )
