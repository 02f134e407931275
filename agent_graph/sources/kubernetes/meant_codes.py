"""Reads which exit codes are no failure, as whoever made a job noted it there: nothing was to be done."""

import re

from agent_graph.sources.kubernetes.objects import Object, name_of, notes_of
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
    r"|\bnot (?:yet )?(?:due|needed)|\bskipp|up[ -]to[ -]date|\bno-?op\b"
    r"|\balready (?:done|there|processed|imported|exported|applied|sent|delivered|loaded|present|current|exists|ran)\b",
    re.IGNORECASE,
)
# Who has nothing to do since something is broken, who made nothing, and who sends for help: up to the next code.
_BAD = re.compile(
    r"error|fail|crash|time-?out|denied|refused|corrupt|incomplete|partial|abort|unreachable|unexpected|invalid|broken"
    r"|\b(?:down|gone|dead|los[est]+|missing|absent|stale|stuck|wrong|never|exhausted|off-?line|damaged|block\w+)\b"
    r"|diverg|unavailable|not available|no longer|inconsisten|mismatch|conflict|\bun(?:usable|readable|known)"
    r"|wip(?:ed|es)|delet|trunca|\bdrop|nothing left(?! to\b)|\bno (?:valid|usable|readable|access|space|connection)"
    r"|(?:target|output|result|backup|dump|export|archive|table|database|replica)\w*(?: \w+)? empty"
    r"|empty (?:target|output|result|backup|dump|export|archive|table|database|replica)"
    r"|no (?:\w+ )?(?:output|result|backup|dump|export|archive)"
    r"|alarm|alert|page|urgent|\bcall|on-?call|wake|escalat|contact|notify|inform|ask\b|ticket|investigat|by hand"
    r"|manual|resync|restore|re-?run|repair",
    re.IGNORECASE,
)
_REST = re.compile(
    r"\b(?:any(?:thing)?|every(?:thing)?|all|the) (?:else|others?|rest)\b|\bother(?:s|wise)?\b", re.IGNORECASE
)


def read_meant_codes(book: Book, one: Object) -> None:
    """Of a job of the target, or of the schedule that starts it: in the facts, with the line that says so."""
    kind = str(one.get("kind")).lower()
    for key, said in notes_of(one).items():
        if codes := sorted(_meant(said) - {0}):
            line = book.say(f"{kind} {name_of(one)}: annotation {key}: {said}")
            book.facts.setdefault("meant_codes", []).append({"codes": codes, "line": line})


def _meant(said: str) -> set[int]:
    """Codes of which a note says that nothing was to be done, and nothing bad until it comes to another."""
    found = list(_CODES.finditer(said)) if _ABOUT.search(said) else []
    ends = [*(match.start() for match in found[1:]), len(said)]
    told = [(match, _REST.split(said[match.start(2) : end])[0]) for match, end in zip(found, ends, strict=False)]
    meant = {int(match[1]) for match, whole in told if _NOTHING.search(match[2]) and not _BAD.search(whole)}
    # What is said twice and otherwise is not settled.
    return meant - {int(match[1]) for match, whole in told if _BAD.search(whole)}
