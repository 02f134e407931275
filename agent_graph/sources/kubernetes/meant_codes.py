"""Reads which exit codes are no failure, as whoever made a job noted it there: nothing was to be done."""

import re

from agent_graph.sources.kubernetes.objects import Object, dict_of, name_of
from agent_graph.sources.signs import Book

# exit 3 = remote directory empty; exit codes: 0=done, 3=nothing to do; rc 2 (no new files).
_CODES = re.compile(
    r"(?:\b(?:exit|return)(?:ed)?(?: with)?(?: code| status)?|\b(?:exit_?)?code|\brc|[,;|])[ =:#]{0,3}(\d{1,3})\b"
    r" ?(?:[=:–(-]|->|→|means|is)+ ?([^;,|\n]{3,120})",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"\bexit|\breturn code|\brc\b", re.IGNORECASE)
_NOTHING = re.compile(
    r"\bempty\b|\bnothing\b|\bno (?:new |more |other )?(?:\w+ )?"
    r"(?:files?|data|work|input|changes?|updates?|rows|records?|messages?|orders)\b"
    r"|\bnot (?:yet )?(?:due|needed)|\bskipp|\balready\b|up[ -]to[ -]date|\bno-?op\b",
    re.IGNORECASE,
)
_BAD = re.compile(
    r"error|fail|crash|time-?out|denied|refused|corrupt|incomplete|partial|lost|abort|unreachable|unexpected|alarm|page",
    re.IGNORECASE,
)


def read_meant_codes(book: Book, one: Object) -> None:
    """Of a job of the target, or of the schedule that starts it: in the facts, with the line that says so."""
    kind = str(one.get("kind")).lower()
    for key, said in dict_of(one, "metadata", "annotations").items():
        found = _CODES.findall(str(said)) if _ABOUT.search(str(said)) else []
        meant = {int(code) for code, means in found if _NOTHING.search(means) and not _BAD.search(means)}
        if codes := sorted(meant - {0}):
            line = book.say(f"{kind} {name_of(one)}: annotation {key}: {said}")
            book.facts.setdefault("meant_codes", []).append({"codes": codes, "line": line})
