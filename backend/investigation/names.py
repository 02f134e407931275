"""What in a sentence is the name of a host or an object, and what is only English with dashes or a word by the way."""

import re
from collections.abc import Collection, Iterable

from backend.investigation.kinds import Evidence

# What compounds of English are made of, as operators write it. No word that services are called by (api, order, worker)
# stands here: checkout-api is a name, connection-pool and read-only are not.
_WORDS = frozenset(
    """
    a about above after again ahead all already and any apart around as ask at auth away back bad band based be
    before behind below best between big bit blue bound box break broken buffer build built burst but by bytes call
    case catch caught chain change check clean clear clock close closed code cold come commit common condition
    configured connection connections consuming container control copy core correct count cpu crash created critical
    cross cut cycle data date day days dead deep default defined delay delayed dependent deploy deployment depth
    descriptor detected dev disk dns done double down driven drop due duty early effort either elapsed emptive end
    ended error errors even event ever existent existing exit expired exponential extra fail failed failing failure
    far fast fatal few field file filling first fit fixed flight follow for force forced foreign forward found four
    free fresh from full fully garbage generated get given go grace green growing grown half hand handling hang hard
    hash head health heap heavy held high hit hoc hold hot hour hours how idle ill in induced initiated input
    intensive internal issue it job join just keep kernel key kill killed kilobyte know known large last latency
    layer lead leak least left less level life like limit limits line list live lived load local lock locked locking
    log logged long look loop loss lost low made main make many mark matching max maximum mean megabyte member
    memory merge metric mid middle min minute minutes miss missing mode month more most move much near need network
    never new next night no node non none not now null number object of off often old on once one ongoing only open
    opened operation other out output over own pack page partially partition path peak per percent percentile period
    phase place plan point pointer poll pool poor port post power pre present prior private pro process production
    progress public pull push quality quarter quick quota race ram rate ratio re reached read reading ready real
    reason recently rejected related relation release reload remote replica request requests reset resource response
    restart result retry right ring rise rising robin roll rolled rolling root round run running safe same saturated
    schema seal second seconds secret seen self sensitive set seven shared short shot shut shutdown side signed
    similar single six size slow small so soft space specific spike stack stage stand start started starting startup
    state statement step still stop strong structured sub sudden swap table tail take target term test then thing
    third thread threaded three through throughput time timed timeout times to too top total traffic transaction
    tree triggered trip true try turn two type ultra un unit unknown unrelated up upper upstream uptime usage use
    used using value version very via view volume wait waiting wake warm way week well what which while whole wide
    window with within word work working world worst write writing wrong year zero zone
    """.split()
)
# With these before it any word is English: re-established, non-blocking.
_BEFORE = frozenset("re non un auto semi multi mis over under co anti inter intra de self".split())
# And with these behind it: client-side, cluster-wide, latency-sensitive.
_BEHIND = frozenset(
    "side wide based related like level specific bound free driven induced triggered aware facing sensitive intensive"
    " heavy only".split()
)
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_DASHED = re.compile(r"[A-Za-z0-9]\w*(?:[.-][\w-]*\w)+")
# A name of a program's, not of a host: a class, a file, a version.
_OF_CODE = re.compile(
    r"[a-z][A-Z]|[A-Z]{2,}[a-z]|[A-Z][a-z]+\w*\.|\.[A-Z][a-z]|\.(?:go|py|java|js|mjs|ts|rb|rs|cc|cs|php|log|conf|sock)$|^v?\d"
)
# Before a colon and a number they are what is counted, not who listens.
_COUNTED = frozenset(
    """
    attempt attempts bytes char code col column count duration elapsed errno error exit id latency level line offset
    pid port position retries retry row size status step time took try version
    """.split()
)
_PARTS = re.compile(r"[-_./@:]")


def is_english(word: str) -> bool:
    """Is a word with dashes ordinary English (out-of-memory, read-only, 5-minute), and no name?"""
    first, *rest = word.lower().split("-")
    if not rest or not all(rest) or any("." in part for part in (first, *rest)):
        return False
    if len(rest) == 1 and rest[0].isalpha() and (first in _BEFORE or (first.isalpha() and rest[0] in _BEHIND)):
        return True
    return (first.isdigit() or first in _WORDS) and all(part in _WORDS for part in rest)


def is_host(name: str, port: str | None, known: Collection[str]) -> bool:
    """May somebody be reached under it: an address, a name with a port, with dots or dashes, or of somebody known?"""
    if _ADDRESS.fullmatch(name):
        return True
    if not name[:1].isalpha() or _OF_CODE.search(name) or is_english(name):
        return False
    if port is not None:
        return name.lower() not in _COUNTED
    return _DASHED.fullmatch(name) is not None or is_known(name, known)


def is_known(name: str, known: Collection[str]) -> bool:
    """Is it one of the known names, or what distinguishes one: db of shop-db-1, redis of redis.shop.svc?"""
    wanted = name.lower()
    return any(wanted == one.lower() or wanted in _PARTS.split(one.lower()) for one in known)


def known_names(evidence: Iterable[Evidence]) -> frozenset[str]:
    """Who is there, as platforms and servers see it; no text that somebody wrote."""
    found: set[str] = set()
    for one in evidence:
        data = one.data
        found.update(one.inventory, data.get("scope", []), data.get("siblings", {}), data.get("near", []))
        found.update(data.get("needs", []), data.get("addresses", {}).values())
        found.update(str(sign["subject"]) for sign in data.get("signs", []) if sign.get("subject"))
    return frozenset(found)
