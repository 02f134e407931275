"""What stands in a container's way on its machine: who holds its port, on which networks that is what it looks for."""

import re
from collections.abc import Iterator

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.sources.docker.wiring import APART, HELD
from backend.investigation.kinds import Citation

_PORT_TAKEN = re.compile(
    r"port is already allocated|address already in use|EADDRINUSE|listen tcp.{0,60}bind|failed: port", re.IGNORECASE
)
_OTHER = re.compile(r"(?:^|; |apart from )([^\s;]+) \(([^\s,;]+), on ([^);]+)\)")


def wired(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """For the statement, with a quote."""
    container = facts.target
    if container is None:
        return
    told = finding.told
    for port in (key for key in container.quotes if key.startswith("port ") and key.endswith(HELD)):
        if _PORT_TAKEN.search(told) and re.search(rf"\b{port.split()[1]}\b", told):
            who = container.quotes[port].partition(": ")[2].partition(", and ")[0]
            yield f"Port {port[5:]} is {who}", container.cite(port, "who has the port")
    if finding.category not in ("dns_failure", "network_error", "dependency_failure"):
        return
    for service, name, networks in _OTHER.findall(container.quotes.get(APART, "")):
        if re.search(rf"(?<![\w.-])(?:{re.escape(service)}|{re.escape(name)})(?![\w-])", told):
            yield (
                f"{service} runs as {name} on the network {networks}, which {container.name} is not on",
                container.cite(APART, "they cannot reach each other"),
            )
