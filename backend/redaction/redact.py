"""Hides secrets: keys, tokens, passwords, cookies, private keys, cards. Before anything is stored or sent."""

import re
from collections.abc import Iterator, Mapping

from backend.redaction.columns import hide_columns
from backend.redaction.disguise import plain_name, plain_names
from backend.redaction.keyed import hide_keys
from backend.redaction.secrets import (
    CODED,
    HIDDEN,
    KEY_END,
    KEY_LINE,
    PRIVATE_KEY,
    RULES,
    SECRET_NAME,
    Rule,
    decoded,
    may_be_coded,
)

# Small pieces: most contain no hint of a secret and are passed on at the speed of a substring search. They end at line
# ends, so that no secret is cut in two; a longer line is cut only where it exceeds _LONGEST_LINE.
_PIECE = 2_000
_LONGEST_LINE = 64_000
_SHORT = 300
_UNHINTED = tuple(rule for rule in RULES if not rule.hints)
_ALL = {hint for rule in RULES for hint in rule.hints}
# "password" is not looked for where "pass" is.
_HINTS = tuple(sorted(hint for hint in _ALL if not any(other in hint for other in _ALL - {hint})))


def redact(text: str) -> str:
    """The text with every secret replaced by [redacted]. Applying it twice changes nothing more."""
    if "PRIVATE KEY" in text or "Private-Lines" in text:
        text = _headless(PRIVATE_KEY.sub(HIDDEN, text))
    return "".join(_redact_piece(piece) for piece in _pieces(plain_names(hide_columns(hide_keys(text)))))


def _headless(text: str) -> str:
    """Without the keys of which only the end is there: from their last line upwards."""
    if not KEY_END.search(text):
        return text
    kept: list[str] = []
    for line in text.split("\n"):
        end = KEY_END.search(line)
        while end and kept and KEY_LINE.search(kept[-1]):
            kept.pop()
        kept.append(HIDDEN + line[end.end() :] if end else line)
    return "\n".join(kept)


def redact_named(pairs: Mapping[str, str]) -> dict[str, str]:
    """Each value without secrets; one whose name says that it is secret ({"password": "x"}) as a whole."""
    whole = "\n".join(f"{name}={value}" for name, value in pairs.items())
    # Nearly always there is nothing to hide, and one look shows it.
    if redact(whole) == whole:
        return dict(pairs)
    return {name: redact_pair(name, value) for name, value in pairs.items()}


def redact_pair(name: str, value: str) -> str:
    """The value without secrets; nothing of it where its name says that it is one."""
    hidden = redact(value)
    line = f"{name}={value}"
    return HIDDEN if value and hidden == value and redact(line) != line else hidden


def redact_member(name: str, value: str) -> str:
    """The same for a member of JSON, most of which have harmless names."""
    return redact_pair(name, value) if SECRET_NAME.search(plain_name(name)) else redact(value)


def _redact_piece(text: str) -> str:
    lower = text.lower()
    for rule in RULES if _hinted(lower) else _UNHINTED:
        if rule.may_match(lower):
            text = "\n".join(_by_line(rule, text)) if rule.by_line else rule.apply(text)
    if may_be_coded(lower):
        text = CODED.sub(_coded, text)
    return text


def _hinted(lower: str) -> bool:
    """Names and values are short and without any hint: each is looked for once, not once for each rule."""
    if len(lower) > _SHORT:
        return True
    for hint in _HINTS:
        if hint in lower:
            return True
    return False


def _coded(match: re.Match[str]) -> str:
    """Base64 hides nothing from whoever reads it."""
    text = decoded(match)
    return match[0] if text is None or redact(text) == text else HIDDEN


def _by_line(rule: Rule, text: str) -> Iterator[str]:
    """A name may stand at the end of its line and its value on the next: hinted lines go with their successor."""
    block: list[str] = []
    for line in text.split("\n"):
        hinted = rule.may_begin(line.lower())
        if hinted or block:
            block.append(line)
        if not hinted:
            yield rule.apply("\n".join(block)) if block else line
            block = []
    if block:
        yield rule.apply("\n".join(block))


def _pieces(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = text.find("\n", start + _PIECE) + 1 or len(text)
        if end - start > _LONGEST_LINE:
            end = text.rfind(" ", start, start + _LONGEST_LINE) + 1 or start + _LONGEST_LINE
        yield text[start:end]
        start = end
