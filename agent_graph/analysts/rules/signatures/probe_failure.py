"""probe_failure: the process runs, but its own health check says it does not work."""

from dataclasses import replace

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.parts import said, trouble_signals
from agent_graph.analysts.rules.signatures.checks_answered import checks_answered
from agent_graph.analysts.rules.signatures.kept_killing import kept_killing
from agent_graph.logs.words import ominous
from agent_graph.sources.docker.evidence import HEALTH_CHECK


def match(facts: Facts) -> Finding | None:
    """Docker's health status of a running container, or a balancer's check that is answered, but wrongly."""
    container = facts.target
    if container is None or not container.running or container.health != "unhealthy":
        return _with_its_words(kept_killing(facts), facts) or checks_answered(facts)
    if (kept := kept_killing(facts)) is not None:
        return _with_its_words(kept, facts)
    outputs = [line for line in facts.lines if line.text and line.evidence != container.evidence]
    told = _printed(facts)
    found = [told] if told is not None else [line for line in outputs if "health" in line.text.lower()][:1]
    printed = [line.cite("its health check printed") for line in found]
    words = f" It says: {said(told)}." if told is not None else ""
    return Finding(
        category="probe_failure",
        statement=f"{container.name} runs, but its health check fails; it answers no more as it should.{words}",
        supporting=[container.cite("health", "the engine runs the check"), *printed, *trouble_signals(facts)[1:]],
        strength="strong",
        disproof=f"Run the health check by hand: docker inspect {container.name} shows its command.",
    )


def _printed(facts: Facts) -> LogLine | None:
    """The last that its health check printed, and that sounds like trouble."""
    spoken = [line for line in facts.lines if line.speaker == HEALTH_CHECK]
    return next((line for line in reversed(spoken) if ominous(line.text)), None)


def _with_its_words(finding: Finding | None, facts: Facts) -> Finding | None:
    told = _printed(facts)
    if finding is None or told is None:
        return finding
    statement = f"{finding.statement} It says: {said(told)}."
    return replace(
        finding, statement=statement, supporting=finding.supported([told.cite("its health check printed")], after=1)
    )


SIGNATURE = Signature(
    "probe_failure", "an unhealthy container that runs", ("connection_exhaustion", "memory_pressure"), match
)
