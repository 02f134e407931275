"""dependency_failure: something the target needs does not answer."""

import re
from typing import cast

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.hint import names
from agent_graph.analysts.rules.lone import outvoted
from agent_graph.analysts.rules.loopback import misses_target, of_itself
from agent_graph.analysts.rules.mounted import never_mounted
from agent_graph.analysts.rules.neighbours import called, down_of, needed_and_down, only_one_down, own_words
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said, trouble_signals
from agent_graph.analysts.rules.probed import answers_no_check, probed_down
from agent_graph.analysts.rules.signatures.emptied import emptied
from agent_graph.analysts.rules.signatures.hung import hung
from agent_graph.analysts.rules.watchers import only_watched
from agent_graph.sources.signs import stems
from backend.investigation.kinds import Category, Citation
from backend.investigation.names import is_host

_WORDS = re.compile(
    r"connection refused|ECONNREFUSED|could not (?:connect to|be established)|failed to connect to"
    r"|can(?:not|'t) connect to"
    r"|unable ?to ?connect|connect\(\) failed|No connection established|error \d+ connecting to"
    r"|no route to host|EHOSTUNREACH|host is unreachable|connection to .{1,80} (?:failed|lost|closed|timed out"
    r"|refused)"
    # Whoever is to listen at a socket in the file system has not made it.
    r"|connect\b.{0,40}\bunix\b.{0,200}(?:failed \(2\b|no such file)|No such file or directory.{0,120}\.sock\b"
    r"|\bdial unix .{1,200}no such file|connect ENOENT"
    # Proxies about what stands behind them: nginx, HAProxy, Envoy with its response flags.
    r"|upstream (?:connect|prematurely|timed out|server|unavailable)|no (?:live|healthy) upstream|no_healthy_upstream"
    r"|has no server available|\" 50[234] (?:U[FHCTRO]|URX|LR|UPE)\b|\bUF,URX\b"
    # Databases and brokers, in the words of their clients and of themselves.
    r"|Communications link failure|Lost connection to MySQL|server closed the connection unexpectedly"
    r"|server has gone away"
    r"|ServerSelection(?:Timeout)?Error|NoBrokersAvailable|Broker may not be available|BrokerUnreachable"
    r"|no Elasticsearch node"
    r"|all shards failed|search_phase_execution_exception"
    r"|NoNodeAvailable|CLUSTERDOWN|MASTERDOWN|MISCONF |LOADING Redis|READONLY You can't write"
    r"|database system is (?:starting up|shutting down|in recovery)"
    r"|terminating connection due to administrator command|SQLSTATE\[HY000\] \[2002\]"
    r"|\bdb .{0,20}is (?:down|unreachable)"
    r"|(?:database|redis|postgres\w*|mysql|mongo\w*|kafka|rabbitmq|amqp|elasticsearch|memcached|broker|upstream"
    r"|backend"
    r"|dependency)\b.{0,60}\b(?:unavailable|unreachable|not available|is down|timed out|timeout|refused|gone away)"
    r"|getting (?:redis|database) connection|Max retries exceeded"
    # Services that answer, but with their own failure.
    r"|(?:502|503|504) (?:from|received from|Bad Gateway from|Service Unavailable from|Gateway Time-?out from)"
    r"|(?:returned|responded(?: with)?|answered|status code|got|replied) (?:HTTP |status |code |a )*50[0234]\b"
    r"|\berror code: 5(?:0[0234]|2\d)\b|\boverloaded_error\b|\b529\b.{0,20}overloaded"
    r"|\bUNAVAILABLE: |code = Unavailable|circuit ?breaker.{0,60}(?:open|trip)|CallNotPermittedException"
    # Clusters without the member that may answer.
    r"|\bnot (?:the )?(?:primary|master|leader)\b|Not(?:Primary|Master|Leader)|(?:LEADER|COORDINATOR)_NOT_AVAILABLE"
    r"|no leader\b|etcdserver: (?:leader changed|request timed out)|master_not_discovered|JetStream system temporarily"
    # With one that may only be read, and without the copies that a read or a write asks for.
    r"|--(?:super-)?read-only option|cannot execute \w.{1,40} in a read-only transaction|TABLE_IS_READ_ONLY"
    r"|KEEPER_EXCEPTION|NOT_?ENOUGH_?REPLICAS|not enough (?:good )?replicas|cannot achieve consistency level"
    r"|waiting for replication timed out|Insufficient(?:Read|Write)Quorum|(?:read|write) quorum (?:could not|is lost)"
    r"|KafkaJSConnection\w*Error|MasterNotFound|no master found for"
    r"|NoHostAvailable|AllNodesFailed|no_shard_available|primary shard is not active"
    r"|SERVICE_UNAVAILABLE/\d|is stopped by supervisor|home node .{1,100} is down"
    r"|Group coordinator .{1,80} unavailable|consumer poll timeout|blocked by broker|connection unexpectedly closed"
    r"|\b50[234] (?:Service Unavailable|Bad Gateway|Gateway Time-?out)",
    re.IGNORECASE,
)
# How a framework logs what it answered itself, to the path that it was asked for. Not 502 to 504: a gateway answers so
# where whomever it asks is away.
_OWN_ANSWER = re.compile(
    r"\b(?:GET|HEAD|POST|PUT|PATCH|DELETE) /\S* (?:responded|returned|answered)(?: with)? 500 in \d"
)
# It took the request, and gave no answer in time: the way there is open.
_UNANSWERED = re.compile(
    r"\bread ?timed ?out\b|\bReadTimeout\b|timeout awaiting response headers|ESOCKETTIMEDOUT"
    r"|timed out after \d+ \w+ with 0 (?:out of \S+ )?bytes received|no response (?:with)?in \d+ ?m?s",
    re.IGNORECASE,
)
# States in which a service runs, answers, and does nothing for anybody.
_STATE = re.compile(
    r"\bis (?:sealed|in (?:safe ?mode|recovery mode|maintenance mode))|\bsealed: true|name ?node is in safe",
    re.IGNORECASE,
)
# More of it is used than before, which is what a busy day looks like, too.
_USED = re.compile(r"much more|busy")
_SPACE = re.compile(r"\bnamespace=\"([^\"]+)\"")
# Not where in a program it was said: [E 12:14:25 JupyterHub ldapauthenticator:392], app.db:connect:42.
_ADDRESS = re.compile(
    r"(?<![\w.:-])[\w-]+(?:\.[\w-]+)*:\d{2,5}\b(?!\])|(?<=\[)[\w-]+(?:\.[\w-]+)*:\d{2,5}(?=\])",
)
# What can be nothing else than whom a proxy or a client asked; any word may stand here.
_ASKED = re.compile(
    r"\b(?:dial )?unix[: ](?://)?(/[\w./-]+)|upstream: \"\w+://([\w.-]+)|://(?:[^\s/@]{0,200}@)?([\w.-]+)"
    r"|\b(?:server|host(?:name)?)(?: (?:at|on|name))?[ =:]{0,2}[\"']([\w.-]+)[\"']",
    re.IGNORECASE,
)
_HOST = re.compile(
    r"\b(?:to|from|host(?:name)?|server|at|upstream|dial tcp|connect)\b[ =:\"'(]{1,3}"
    r"(\d{1,3}(?:\.\d{1,3}){3}|[a-zA-Z][\w.-]{1,100})(?![\w(])",
    re.IGNORECASE,
)
# A time of day, or where in a file: not a host and its port.
_CLOCK = re.compile(r"(?:\d{4}-\d\d-\d\dT)?\d{1,4}$|line$|.{0,200}\.(?:go|py|java|js|rb|ts|rs|cc|php)$")
_SYMPTOMS: frozenset[Category] = frozenset({"app_crash", "restart_loop", "network_error"})
# Whoever waits for one that does not answer keeps what it waits with.
_WAITED_FOR: frozenset[Category] = frozenset({"connection_exhaustion"})
_NO_NAMES = {
    "server",
    "host",
    "port",
    "database",
    "redis",
    "the",
    "localhost",
    "tcp",
    "upstream",
    "a",
    "failed",
    "error",
    "address",
}


def match(facts: Facts) -> Finding | None:
    """The target's own complaint about another party, best with that party's container seen to be down."""
    lines = [line for line in facts.matching(_WORDS) if _of_another(line, facts)]
    lines = lines or [line for line in facts.matching(_UNANSWERED) if dependency([line], facts)]
    # Who is named by the complaint, and not the target itself, answers that it does nothing for anybody.
    lines = lines or [one for one in facts.matching(_STATE) if one.is_error and dependency([one], facts)]
    if not lines:
        seen_down = (
            never_mounted(facts)
            or hung(facts)
            or _named_by_responder(facts)
            or probed_down(facts)
            or _named_in_settings(facts)
            or _elsewhere(facts)
        )
        return seen_down or _without_input(facts)
    named = dependency(lines, facts)
    whom = called(facts, named) if named else None
    signals = trouble_signals(facts)
    seen = down_of(facts, [whom or ""]) or needed_and_down(facts)
    down = [*_sibling_down(facts, whom), *(s.cite("it is down") for s in seen[:2])]
    why = f"; {seen[0].means}" if seen else ""
    own = own_words(facts, whom) if whom else None
    why += f"; {whom} itself says: {said(own, 300)}" if own is not None and own is not lines[0] else ""
    away = answers_no_check(facts, lines) if not down else []
    served = outvoted(lines, facts) if not (down or away) else None
    signals = [] if served is not None else signals
    state = next((line for line in facts.lines if _STATE.search(line.message)), None)
    why += f"; {said(state).strip(' *')}" if state is not None and state is not lines[0] else ""
    return Finding(
        category="dependency_failure",
        statement=f"{name(facts)} cannot reach {whom or 'something it depends on'}: {said(lines[0])}{why}.",
        supporting=[
            *_beside(log_citations(lines), own),
            *down,
            *(s.cite("it does not answer others either") for s in away[:1]),
            *signals,
            *([state.cite("its state")] if state else []),
        ],
        strength="proof" if down else "strong" if signals else "weak",
        onset=first_at(lines),
        contradicting=[served.cite("the same is served since")] if served is not None else [],
        disproof=f"Connect to {whom or 'the dependency'} from where {name(facts)} runs: success would rule it out.",
        explains=_SYMPTOMS | (_WAITED_FOR if away else frozenset()),
        rooted=bool(down or away),
    )


def _of_another(line: LogLine, facts: Facts) -> bool:
    """Does it complain of somebody else, and is not what it answered itself, or only watched?"""
    if of_itself(line) or only_watched(line, facts) or misses_target(line, dependency([line], facts), facts):
        return False
    return _WORDS.search(_OWN_ANSWER.sub("", line.text)) is not None


def _without_input(facts: Facts) -> Finding | None:
    """Whoever should bring what it works on brings nothing."""
    found = emptied(facts)
    return found if found is not None and found.category == "dependency_failure" else None


def _beside(complaints: list[Citation], own: LogLine | None) -> list[Citation]:
    """The complaints, and after the decisive one what the other party says itself."""
    return [*complaints[:1], *([own.cite("its own words")] if own is not None else []), *complaints[1:]]


def _named_by_responder(facts: Facts) -> Finding | None:
    """Nobody complains in the logs, but a person knows what the target needs: that is seen to be down."""
    others = [c for c in facts.containers if not c.data.get("of_target") and not c.running]
    down = next((c for c in others if names(facts.case.hint, c.name)), None)
    signals = trouble_signals(facts)
    if down is None or not signals:
        return None
    return Finding(
        category="dependency_failure",
        statement=f"{down.name}, which a responder named, does not run while {name(facts)} is in trouble.",
        supporting=[down.cite("status", "it does not run"), *signals],
        strength="strong",
        onset=down.finished_at,
        disproof=f"Start {down.name}: if {name(facts)} stays in trouble, it was not the cause.",
    )


def _elsewhere(facts: Facts) -> Finding | None:
    """The target is a victim, and says nothing itself: a neighbour's measurements went bad at that time."""
    signals = trouble_signals(facts)
    signs = [s for s in facts.signs if s.category.startswith("elsewhere:") and not _in_another_space(s, facts)]
    if not signs or not signals:
        return None
    return Finding(
        category=cast(Category, signs[0].category.split(":", 1)[1]),
        statement=f"{name(facts)} suffers from {signs[0].subject}: {signs[0].means}.",
        supporting=[signs[0].cite("what changed most around it"), *signals],
        strength="strong",
        used=_USED.search(signs[0].means) is not None,
        onset=signs[0].at,
        disproof=f"Look at {signs[0].subject}: if it answers its callers as quickly as before, it is not the cause.",
    )


def _in_another_space(sign: Sign, facts: Facts) -> bool:
    """Does the neighbour live in a namespace that the target's settings and complaints never lead to?"""
    where, own = _SPACE.search(sign.quote), facts.case.target.namespace
    if where is None or not own or where[1] == own:
        return False
    said = " ".join([*facts.platform.get("needs", []), *(line.text for line in facts.lines)]).lower()
    return sign.subject.lower() not in said and where[1] not in said


def _named_in_settings(facts: Facts) -> Finding | None:
    """Nobody complains of it, but what its settings name is down and an alert fires; or one neighbour alone is down."""
    signals = trouble_signals(facts)
    down = needed_and_down(facts) or (only_one_down(facts) if signals else [])
    if not down or (not signals and facts.alert is None):
        return None
    own = own_words(facts, (stems(down[0].subject) or [down[0].subject])[0])
    why = f"; it says itself: {said(own, 300).rstrip(' :')}" if own is not None else ""
    return Finding(
        category="dependency_failure",
        statement=f"{name(facts)} depends on what is down: {down[0].means}{why}.",
        supporting=[
            *(s.cite("its settings name it") for s in down[:3]),
            *([own.cite("its own words")] if own is not None else []),
            *signals,
            *([facts.alert] if facts.alert else []),
        ],
        strength="strong",
        disproof="Bring back what is down: if the trouble stays, it was not the cause.",
    )


def dependency(lines: list[LogLine], facts: Facts) -> str | None:
    """The party that is complained about, as the lines name it; None where nothing in them can be one."""
    own = {facts.case.target.name.lower(), name(facts).lower(), *_NO_NAMES}
    for line in lines:
        for address in _ADDRESS.findall(line.message):
            host, _, port = address.rpartition(":")
            if not _CLOCK.match(host) and is_host(host, port, facts.known):
                return address
        asked = [next(one for one in found.groups() if one) for found in _ASKED.finditer(line.message)]
        heard = [found[1].rstrip(".-") for found in _HOST.finditer(line.message)]
        named = [*asked, *(host for host in heard if is_host(host, None, facts.known))]
        others = [host.rstrip(".-") for host in named if host.rstrip(".-").lower() not in own]
        if others:
            return others[0]
    return None


def _sibling_down(facts: Facts, whom: str | None) -> list[Citation]:
    container = facts.target
    if container is None or whom is None:
        return []
    host = whom.rsplit(":", 1)[0]
    for sibling, state in (container.data.get("siblings") or {}).items():
        if state != "running" and host in (sibling, *re.split(r"[-_]", sibling)):
            return [container.cite("other containers that do not run", f"{sibling} is {state}")]
    return []


SIGNATURE = Signature(
    "dependency_failure",
    "a complaint about another party, with a failing check",
    ("network_error", "dns_failure"),
    match,
)
