"""Reads access logs of any shape: who asked for what, what was refused, and whether it had been served before."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from agent_graph.logs.lines import fields_of, time_of
from backend.redaction.clean import one_line

_COMBINED = re.compile(
    r"(?:^|[\s\]])(?P<client>[0-9a-fA-F:.]{7,45}|\[[^\]\s]+\]|[\w.-]+) \S+ \S+ \[[^\]]{10,40}\] "
    r"\"(?P<method>[A-Z]{3,8}) (?P<path>\S+)[^\"]*\" (?P<status>[1-5]\d\d)\b"
    r"(?: \S+ \"[^\"]*\" \"(?P<agent>[^\"]*)\")?"
)
_HAPROXY = re.compile(
    r"(?<![\w.:])(?P<client>\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]{6,39}):\d+ \[[^\]]+\] \S+ \S+/\S+ "
    r"[-+\d/]+ (?P<status>[1-5]\d\d) .*?\"(?P<method>[A-Z]{3,8}) (?P<path>\S+)(?P<agent>)"
)
_PLAIN = re.compile(
    r"(?:^|[\s\"])(?P<method>GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (?P<path>/\S*?)(?: HTTP/[\d.]+)?\"? "
    r"(?P<status>[1-5]\d\d)\b(?P<client>)(?P<agent>)"
)
# What JSON access logs call these things, the innermost name.
_CLIENT = ("remote_addr", "client_ip", "clientip", "remoteaddr", "remote_ip", "remoteaddress", "clienthost", "ip")
_AGENT = ("http_user_agent", "user_agent", "useragent", "user-agent", "request_user-agent")
_METHOD = ("method", "request_method", "verb", "requestmethod", "http_method")
_PATH = ("url", "uri", "path", "request_uri", "requestpath")
_STATUS = ("status", "statuscode", "status_code", "response_code", "downstreamstatus", "originstatus")
# What nobody asks for who knows the site.
PROBES = re.compile(
    r"/\.(?:env|git|aws|ssh|svn|ds_store|vscode|htaccess|htpasswd)|wp-(?:login|admin|content|includes|config)|xmlrpc\.php"
    r"|php-?my-?admin|/pma/|phpunit|cgi-bin|/solr/|/boaform|/hnap1|/actuator|eval-stdin|/etc/passwd|\.\./|%2e%2e"
    r"|/owa/|/autodiscover|/manager/html|/jenkins|/struts|/administrator|/setup\.php|/config\.(?:php|json|bak)"
    r"|\.(?:sql|bak|old|zip|tar\.gz)(?:$|\?)|/server-status|/_ignition|/telescope|/geoserver|/shell|/admin/config",
    re.IGNORECASE,
)
# Programs that ask for no person: crawlers, scanners, checks.
PROGRAMS = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|scan|zgrab|nikto|nuclei|censys|health-?check|kube-probe|googlehc|uptime|pingdom"
    r"|statuscake|blackbox|monitor|probe/",
    re.IGNORECASE,
)
_METHODS = ("GET ", "POST ", "HEAD ", "PUT ", "PATCH ", "DELETE ", "OPTIONS ", "PROPFIND ")
_NUMBERED, _VERSION = re.compile(r"\d"), re.compile(r"v\d+(?:\.\d+)?")
_MOST = 5
# Of a longer line, and of deeper nesting, nothing is told.
_LONGEST, _DEEPEST = 8_000, 4
_LONGEST_FIELD = 1_000
# So often a route was served before it counts as lost, and so often all of them must be refused.
_SERVED, _LOST = 3, 10


@dataclass(frozen=True, slots=True)
class Request:
    """One line of an access log. What it does not tell is empty."""

    client: str
    agent: str
    path: str
    status: int
    method: str = ""

    @property
    def asks_whether(self) -> bool:
        """Does it only ask whether something is there, and is told that it is not?"""
        return self.method == "HEAD" and self.status == 404

    @property
    def refused(self) -> bool:
        """Not served for a reason that lies with whoever asks: what is throttled or too slow lies elsewhere."""
        return 400 <= self.status < 500 and self.status not in (408, 429, 499)

    @property
    def by_program(self) -> bool:
        """Does it say itself that no person asks?"""
        return PROGRAMS.search(self.agent) is not None

    @property
    def knocks(self) -> bool:
        """Does it ask for what only scanners ask for?"""
        return PROBES.search(self.path) is not None

    @property
    def route(self) -> str:
        """The path without what differs from one thing to the next."""
        parts = self.path.split("?", 1)[0].split("/")
        return "/".join("#" if _NUMBERED.search(part) and not _VERSION.fullmatch(part) else part for part in parts)


def request_of(line: str) -> Request | None:
    """The request that the line is about, where it is one of an access log."""
    # Most lines of most logs are none: they are told apart without a pattern.
    if len(line) > _LONGEST:
        return None
    if line.endswith("}") and (brace := line.find("{")) >= 0 and ("tatus" in line or "response_code" in line):
        return _of_json(line[brace:])
    if not any(method in line for method in _METHODS):
        return None
    match = _COMBINED.search(line) or _HAPROXY.search(line) or _PLAIN.search(line)
    if match is None:
        return None
    return Request(match["client"] or "", match["agent"] or "", match["path"], int(match["status"]), match["method"])


def _of_json(text: str) -> Request | None:
    parsed = fields_of(text)
    if parsed is None:
        return None
    fields = _flat(parsed)
    status, path = _first(fields, _STATUS), _first(fields, _PATH)
    if not status.isdigit() or len(status) != 3 or not path.startswith(("/", "http")):
        return None
    return Request(_first(fields, _CLIENT), _first(fields, _AGENT), path, int(status), _first(fields, _METHOD))


def _flat(fields: Mapping[str, Any], depth: int = 0) -> dict[str, str]:
    """Nested fields under their own names; the outer one wins. Deeper than any logger nests is not looked."""
    found: dict[str, str] = {}
    for key, value in fields.items():
        if isinstance(value, dict) and depth < _DEEPEST:
            found = {**_flat(cast(dict[str, Any], value), depth + 1), **found}
        elif isinstance(value, str | int | float):
            found[key.lower()] = str(value)
    return found


def _first(fields: Mapping[str, str], keys: Iterable[str]) -> str:
    """What was escaped in JSON comes out as it is: line ends, and characters that turn text round."""
    return one_line(next((fields[key] for key in keys if fields.get(key)), ""), _LONGEST_FIELD)


def tally(lines: Iterable[str]) -> dict[str, Any] | None:
    """Who is refused, against who is served. None where the log is none of requests.

    `known`: refused requests for what was served to somebody in the same log; `probes`: for what only scanners ask for;
    `programs`: of those that say that no person asks; `denied`: for want of a right to it; `asked`: how many different
    things were only asked for whether they are there; `challenged`: asked again by the same, and served.
    """
    found = [(one, line) for line in lines if (one := request_of(line))]
    requests = [one for one, _ in found]
    refused = [one for one in requests if one.refused]
    if not refused:
        return None
    routes = {one.route for one in requests if one.status < 400}
    return {
        "requests": len(requests),
        "served": sum(one.status < 400 for one in requests),
        "failed": sum(one.status >= 500 for one in requests),
        "refused": len(refused),
        "known": sum(one.route in routes for one in refused),
        "programs": sum(one.by_program for one in refused),
        "probes": sum(one.knocks for one in refused),
        "asked": len({one.path for one in refused if one.asks_whether}),
        "denied": sum(one.status in (401, 403, 407) for one in refused),
        "challenged": _challenged(requests),
        "routes": len({one.route for one in refused}),
        "paths": [path for path, _ in Counter(one.path.split("?")[0][:80] for one in refused).most_common(_MOST)],
        "clients": _callers(requests, refused, "client"),
        "agents": _callers(requests, refused, "agent"),
        "lost": _lost(found),
    }


def _challenged(requests: Iterable[Request]) -> int:
    """Those who were asked who they are, said so, and were served: registries, proxies and WebDAV sign people in so."""
    waiting: Counter[tuple[str, str]] = Counter()
    answered = 0
    for one in requests:
        asked = (one.client, one.path)
        if one.status in (401, 407):
            waiting[asked] += 1
        elif one.status < 400 and waiting[asked]:
            waiting[asked] -= 1
            answered += 1
    return answered


def _lost(found: list[tuple[Request, str]]) -> dict[str, Any] | None:
    """What was served, and from some moment on is refused to most: users are locked out, whoever they are."""
    routes: dict[str, list[int]] = {}
    served = {one.route for one, _ in found if one.status < 400 and not one.by_program}
    for number, (one, _) in enumerate(found):
        if (one.status < 400 or one.refused) and not one.by_program:
            routes.setdefault(_as_served(one.route, served), []).append(number)
    lost: list[int] = []
    for numbers in routes.values():
        first = next((place for place, number in enumerate(numbers) if found[number][0].refused), len(numbers))
        gone = [number for number in numbers[first:] if found[number][0].refused]
        if first >= _SERVED and len(gone) >= _SERVED and 2 * len(gone) > len(numbers) - first:
            lost += gone
    if len(lost) < _LOST or len(lost) < 0.1 * (len(found) - min(lost)):
        return None
    at = time_of(found[min(lost)][1])
    paths = Counter(found[number][0].path.split("?")[0][:80] for number in lost).most_common(_MOST)
    return {
        "refused": len(lost),
        "paths": [path for path, _ in paths],
        "status": found[min(lost)][0].status,
        "at": at.isoformat() if at else None,
    }


def _as_served(route: str, served: Collection[str]) -> str:
    """The served route that it is with a prefix more or less: whoever stands before may have begun to rewrite it."""
    if route in served or not re.search(r"[^/#]{2}", route):
        return route
    return next((one for one in sorted(served) if _tail(one, route) or _tail(route, one)), route)


def _tail(whole: str, part: str) -> bool:
    return len(whole) > len(part) > 1 and whole.endswith(part) and re.search(r"[^/#]{2}", part) is not None


def _callers(requests: list[Request], refused: list[Request], by: str) -> list[dict[str, Any]]:
    """Who is refused most, how often each is served, and how much of it is what only scanners ask for."""
    counts = Counter(str(getattr(one, by)) for one in refused)
    served = Counter(str(getattr(one, by)) for one in requests if one.status < 400)
    probes = Counter(str(getattr(one, by)) for one in refused if one.knocks)
    top = [(who, count) for who, count in counts.most_common(_MOST) if who not in ("", "-")]
    return [{"who": who[:120], "refused": count, "served": served[who], "probes": probes[who]} for who, count in top]
