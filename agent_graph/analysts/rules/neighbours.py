"""Who else is down: the parties that the target names in its settings or complaints, as the platform sees them."""

import re
from collections.abc import Iterable

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.sources.signs import belongs, stems

# Names that errors have, whatever the language.
_NAMED = re.compile(r"\b[\w.$]*(?:Exception|Error)\b:|\bpanic(?:ked)?\b|\bFATAL\b|\bfatal:", re.ASCII)
_RESOLVERS = ("coredns", "kube-dns", "node-local-dns", "nodelocaldns")


def down_of(facts: Facts, hosts: Iterable[str]) -> list[Sign]:
    """What the platform says of others that are down and bear one of these names (redis-cart:6379, db.shop.svc)."""
    known = [called(facts, host).rsplit(":", 1)[0].split(".")[0] for host in hosts if host]
    return [s for s in _others(facts) if known and belongs(s.subject, known)]


def called(facts: Facts, host: str) -> str:
    """The name behind an address (10.96.0.7:8080) that the platform knows; else the host as it stands."""
    address, colon, port = host.partition(":")
    names = facts.platform.get("addresses", {})
    return f"{names[address]}{colon}{port}" if address in names else host


def own_words(facts: Facts, host: str) -> LogLine | None:
    """What the party of this name says itself of what is wrong with it: the last that names an error."""
    name = host.rsplit(":", 1)[0].split(".")[0].lower()
    said = [line for line in [*facts.lines, *facts.around] if line.speaker and name and _is(line.speaker, name)]
    bad = [line for line in said if line.is_error or _NAMED.search(line.text)]
    return max(bad, key=lambda line: (bool(_NAMED.search(line.text)), line.level == "fatal"), default=None)


def _is(speaker: str, name: str) -> bool:
    """redis-cart-0 and shop-redis-1 are redis-cart and redis to who needs them."""
    return belongs(speaker.lower(), [name]) or name in re.split(r"[-_./@]", speaker.lower())


def needed_and_down(facts: Facts) -> list[Sign]:
    """Others that are down and that the target's settings name."""
    return down_of(facts, facts.platform.get("needs", []))


def only_one_down(facts: Facts) -> list[Sign]:
    """The one other application of the namespace that is down, where the target's own pods are well."""
    near = set(facts.platform.get("near", []))
    around = [s for s in _others(facts) if s.subject in near]
    apps = {(stems(s.subject) or [s.subject])[0] for s in around}
    own = [s for s in facts.signs_of("trouble", "strong") if s.source == "kubernetes"]
    return around if len(apps) == 1 and not own else []


def resolvers_down(facts: Facts) -> list[Sign]:
    """The cluster's own name servers, where they do not work."""
    return [s for s in _others(facts) if belongs(s.subject, list(_RESOLVERS))]


def _others(facts: Facts) -> list[Sign]:
    """A pod tells more than its workload: why it is down."""
    return sorted(facts.signs_of("other_down"), key=lambda s: not s.quote.startswith("pod "))
