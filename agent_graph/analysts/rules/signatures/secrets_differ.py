"""Two who share a secret hold different ones: the target drops what its partner sends, and calls that information."""

import re
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said_of, trouble_signals
from backend.investigation.kinds import Category

# In the words of those who check the other side by it, and never ask who it is: RADIUS and TACACS+, IPsec, signed zone
# transfers, routing protocols, VRRP, gossip of clusters, Erlang's nodes.
_DIFFER = re.compile(
    r"\bshared secrets? (?:is|are|was|may be|might be) (?:incorrect|wrong|invalid|different|not correct)"
    r"|invalid message-?authenticator|message-?authenticator attribute that is not valid"
    r"|(?:response|request) authenticator check failed|invalid \w{1,20} packet \(check keys\)"
    r"|tried \d{1,4} shared keys? for .{1,200} but MAC mismatched"
    r"|pre-?shared (?:key|secret)s? (?:\w+ )?(?:mismatch|differ)"
    r"|mismatch of pre-?shared secrets|tsig (?:verify failure|indicates error)\W{1,4}(?:tsig )?BADSIG"
    r"|(?:MD5|HMAC|SHA\d*) digest mismatch|invalid MD5 digest from|received an invalid passwd|bogus VRRP packet"
    r"|message has invalid digest|no installed keys could decrypt the message|invalid challenge reply",
    re.IGNORECASE,
)
# Once is a packet that somebody forged, or one of a client long gone.
_OFTEN = 5
# It began with the trouble: a partner that was never set right is refused at all times.
_BEFORE, _HEARD = timedelta(minutes=30), timedelta(minutes=2)
# Whom nobody answers calls the other end dead, and sends again.
_SYMPTOMS: frozenset[Category] = frozenset({"dependency_failure", "permission_denied", "network_error"})


def secrets_differ(facts: Facts) -> Finding | None:
    """The target says so again and again, of what still comes in while it is not well."""
    lines = [line for line in facts.matching(_DIFFER, any_level=True) if not line.speaker and line.level != "debug"]
    signals = trouble_signals(facts) or ([facts.alert] if facts.alert else [])
    often = max((max(line.count for line in lines), len(lines))) if lines else 0
    began = first_at(lines)
    if often < _OFTEN or began is None or not signals or not facts.case.firing or _always(began, facts):
        return None
    return Finding(
        category="config_error",
        statement=f"{name(facts)} and a partner do not hold the same shared secret: {said_of(lines[0], _DIFFER, 300)}.",
        supporting=[*log_citations(lines), *signals[:3]],
        strength="strong",
        onset=began,
        explains=_SYMPTOMS,
        rooted=True,
        disproof="Set the same secret on both sides: refused as before, it was not the cause.",
    )


def _always(began: datetime, facts: Facts) -> bool:
    long_before = began < facts.case.started_at - _BEFORE
    return long_before or (facts.heard_since is not None and began - facts.heard_since < _HEARD)
