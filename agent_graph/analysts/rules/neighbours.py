"""Who else is down: the parties that the target names in its settings or complaints, as the platform sees them."""

from collections.abc import Iterable

from agent_graph.analysts.rules.facts import Facts, Sign
from agent_graph.sources.signs import belongs

_RESOLVERS = ("coredns", "kube-dns", "node-local-dns", "nodelocaldns")


def down_of(facts: Facts, hosts: Iterable[str]) -> list[Sign]:
    """What the platform says of others that are down and bear one of these names (redis-cart:6379, db.shop.svc)."""
    known = [host.rsplit(":", 1)[0].split(".")[0] for host in hosts if host]
    return [s for s in _others(facts) if known and belongs(s.subject, known)]


def needed_and_down(facts: Facts) -> list[Sign]:
    """Others that are down and that the target's settings name."""
    return down_of(facts, facts.platform.get("needs", []))


def resolvers_down(facts: Facts) -> list[Sign]:
    """The cluster's own name servers, where they do not work."""
    return [s for s in _others(facts) if belongs(s.subject, list(_RESOLVERS))]


def _others(facts: Facts) -> list[Sign]:
    """A pod tells more than its workload: why it is down."""
    return sorted(facts.signs_of("other_down"), key=lambda s: not s.quote.startswith("pod "))
