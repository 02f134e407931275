"""Loki's query_range, from its public description: selectors, line filters, direction, limit, errors.

https://grafana.com/docs/loki/latest/reference/loki-http-api/#query-logs-within-a-range-of-time
"""

import json
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.fakes.server import Fake, Request, serve

_SELECTOR = re.compile(r"^\{(?P<labels>[^}]*)\}(?P<rest>.*)$", re.DOTALL)
_MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*")')
_FILTER = re.compile(r'(\|=|\|~|!=|!~)\s*("(?:[^"\\]|\\.)*"|`[^`]*`)')


@dataclass
class Loki(Fake):
    """`streams`: (labels, [(time, line), …]). `most`: the limit this server is set to."""

    most: int = 5000
    streams: list[tuple[dict[str, str], list[tuple[datetime, str]]]] = field(default_factory=list)

    def add(self, labels: dict[str, str], *lines: tuple[datetime, str]) -> None:
        self.streams.append((labels, list(lines)))

    def answer(self, request: Request) -> tuple[int, Any]:
        if request.path != "/loki/api/v1/query_range":
            return 404, b"404 page not found\n"
        match = _SELECTOR.match(request.query.get("query", ""))
        if match is None or not _MATCHER.search(match["labels"]):
            return 400, b"parse error at line 1, col 1: syntax error: unexpected IDENTIFIER\n"
        limit = int(request.query.get("limit", "100"))
        if limit > self.most:
            said = f"max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > {self.most})"
            return 400, said.encode()
        start, end = int(request.query["start"]), int(request.query["end"])
        backward = request.query.get("direction", "backward") == "backward"
        found: list[tuple[int, str, dict[str, str]]] = []
        for labels, lines in self.streams:
            if all(
                _matches(labels.get(name, ""), how, json.loads(value))
                for name, how, value in _MATCHER.findall(match["labels"])
            ):
                entries = [(int(at.timestamp() * 1e9), line) for at, line in lines]
                found += [
                    (ns, line, labels) for ns, line in entries if start <= ns < end and _kept(line, match["rest"])
                ]
        found.sort(key=lambda entry: entry[0], reverse=backward)
        result: dict[str, Any] = {}
        for ns, line, labels in found[:limit]:
            stream = result.setdefault(json.dumps(labels), {"stream": labels, "values": []})
            stream["values"].append([str(ns), line])
        return 200, {
            "status": "success",
            "data": {"resultType": "streams", "result": list(result.values()), "stats": {}},
        }


def _matches(value: str, how: str, wanted: str) -> bool:
    found = re.fullmatch(wanted, value) is not None if "~" in how else value == wanted
    return found != how.startswith("!")


def _kept(line: str, filters: str) -> bool:
    for how, quoted in _FILTER.findall(filters):
        wanted = quoted[1:-1] if quoted.startswith("`") else json.loads(quoted)
        found = re.search(wanted, line) is not None if how.endswith("~") else wanted in line
        if found == how.startswith("!"):
            return False
    return True


@contextmanager
def fake_loki() -> Generator[Loki]:
    with serve(Loki()) as loki:
        yield loki
