"""Why it came to that, said in the conclusion: what was at work, who uses most, the limit that is hit."""

from dataclasses import replace

from agent_graph.analysts.rules.context.at_work import at_work
from agent_graph.analysts.rules.context.ceilings import ceilings
from agent_graph.analysts.rules.context.fewer import fewer
from agent_graph.analysts.rules.context.following import following
from agent_graph.analysts.rules.context.held_up import held_up
from agent_graph.analysts.rules.context.idle import idle_one
from agent_graph.analysts.rules.context.left_on import left_on
from agent_graph.analysts.rules.context.moved import moved
from agent_graph.analysts.rules.context.shares import shares
from agent_graph.analysts.rules.context.sized import sized
from agent_graph.analysts.rules.context.wired import wired
from agent_graph.analysts.rules.context.writers import writers
from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from backend.redaction.clean import one_line

# They stand among what is shown of a finding, after what it rests on.
_PLACE = 3


def with_whys(finding: Finding, facts: Facts) -> Finding:
    """The finding with what tells why, each with its quote, unless it says so already."""
    told = at_work(finding, facts)
    told += [
        *idle_one(finding, facts),
        *moved(finding, facts),
        *fewer(finding, facts),
        *following(finding, facts),
        *wired(finding, facts),
        *shares(finding, facts),
        *sized(finding, facts),
        *held_up(finding, facts),
        *left_on(finding, facts),
    ]
    told += [*writers(finding, facts, " ".join(why for why, _ in told)), *ceilings(finding, facts)]
    quoted = finding.quotes
    new = [(why, cite) for why, cite in told if cite.quote not in quoted or cite.quote[:80] not in finding.statement]
    if not new:
        return finding
    sentences = ". ".join([finding.statement.rstrip("."), *(why.rstrip(".") for why, _ in new)])
    cites = [cite for _, cite in new if cite.quote not in quoted]
    told_whys = one_line(sentences, 1_400).rstrip(".") + "."
    return replace(finding, statement=told_whys, supporting=finding.supported(cites, after=_PLACE))
