"""Who is not let in, by the log of logins: strangers who guess names harm nobody, as long as none of them gets in."""

import re
from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains

# What alerts about it are called and say.
_ABOUT = re.compile(
    r"(?:fail|invalid|reject|unsuccess|wrong|denied)\w*.{0,20}(?:log-?in|log ?on|auth|ssh|password|user)"
    r"|(?:log-?in|log ?on|auth\w*|ssh|password).{0,20}(?:fail|attempt|attack)|brute",
    re.IGNORECASE,
)
# An alert about words in a log: what its lines say tells what it is about.
_OF_A_LOG = re.compile(
    r"\b(?:log )?lines? (?:that )?match|\blog.?error|\berrors? in (?:the )?log|error.?log", re.IGNORECASE
)
# As sshd and its kin say of somebody who comes from somewhere that he is not let in, and that he is.
_REFUSED = re.compile(
    r"(?:invalid user|failed password for(?: invalid user)?|illegal user|authenticating user|unknown user"
    r"|authentication failure.{0,80}\buser=|auth failed.{0,80}\buser=<?)\s*(\S*?)[>,]{0,2} "
    r"(?:.{0,60}?)\b((?:\d{1,3}\.){3}\d{1,3})\b",
    re.IGNORECASE,
)
_LET_IN = re.compile(
    r"\b(?:accepted (?=\w+\S* for )|(?=login: user=))(\w+)(?:\S* for \S+ from |: user=.{0,120}?\brip=)([\w.:]+)",
    re.IGNORECASE,
)
# A name that exists: sshd says of the others that they are invalid.
_ACCOUNT = re.compile(r"failed password for (?!invalid user|root\b)(\S+)", re.IGNORECASE)
_BANNED = re.compile(r"\bban(?:ned|s)?\b(?! ?(?:failed|error))|\bblock(?:ed|ing) (?:ip|host|address)", re.IGNORECASE)
_BANS = re.compile(
    r"(?:^|_)(?:bans?|banned|blocklist\w*|blacklist\w*|denylist\w*|blocked_(?:ips?|hosts?|addr\w*))(?:_|:|$)"
)
_BY_KEY = frozenset({"publickey", "certificate", "gssapi", "hostbased"})
# Of a login to a mailbox only the address is told.
_SAFE = _BY_KEY | {"login"}
_OURS = [ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8")]
# So many names are guessed, not mistyped; of so many refusals some may be anybody's.
_NAMES, _LEAST = 3, 5


def guessed(facts: Facts) -> Finding | None:
    """All alerts are of logins that fail; those who fail are strangers who try names, and are let in nowhere.

    Somebody of our own who is not let in any more, or a stranger who is, would be an incident.
    """
    alerts = facts.case.alerts
    told = [f"{_apart(a.name)} {' '.join(a.annotations.values())}" for a in alerts]
    if not alerts or not all(_ABOUT.search(text) or _OF_A_LOG.search(text) for text in told):
        return None
    lines = [*facts.usual, *facts.lines, *facts.around]
    tried = [(line, found[1], found[2]) for line in lines if (found := _REFUSED.search(line.message))]
    entered = [(line, found[1].lower(), found[2]) for line in lines if (found := _LET_IN.search(line.message))]
    names, strangers = {who for _, who, _ in tried if who}, {address for _, _, address in tried}
    if len(tried) < _LEAST or len(names) < _NAMES or any(map(_is_ours, strangers)):
        return None
    accounts = {found[1] for line, _, _ in tried if (found := _ACCOUNT.search(line.message))}
    if len(accounts) >= _NAMES:
        # Strangers do not know so many: these are people who cannot get in.
        return None
    if any(how not in _SAFE or address in strangers for _, how, address in entered):
        return None
    # That many are refused is what it is all about, and that many are banned is what keeps them out.
    wrong = facts.signs_of("trouble", "strong")
    counted = [s.quote for s in wrong if _ABOUT.search(_apart(s.quote)) or _BANS.search(s.quote.partition("{")[0])]
    troubles = [cite for cite in trouble_signals(facts) if cite.quote not in counted]
    if troubles or complains(facts, aside=[line for line, _, _ in tried]):
        return None
    banned = _bans(lines)
    shut = ", and banned one after the other" if banned else ""
    return Finding(
        category="healthy",
        statement=f"Strangers guess names at {name(facts)} ({', '.join(sorted(names)[:4])} …, from"
        f" {', '.join(sorted(strangers)[:3])}); none of them was let in{shut}.",
        supporting=[
            *(line.cite("a name that is guessed") for line, _, _ in tried[:2]),
            *(line.cite("they are shut out") for line in banned[-1:]),
            *(line.cite("who belongs there is let in by key") for line, how, _ in entered[-1:] if how in _BY_KEY),
        ],
        strength="strong",
        disproof="Look for a login from one of these addresses, here or anywhere else: one would be a break-in.",
    )


def _apart(text: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)


def _bans(lines: Iterable[LogLine]) -> list[LogLine]:
    return [line for line in lines if _BANNED.search(line.message) and "unban" not in line.message.lower()]


def _is_ours(address: str) -> bool:
    try:
        return any(ip_address(address) in network for network in _OURS)
    except ValueError:
        return True
