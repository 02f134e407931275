"""Hides what must not leave the team, once more: secrets, the team's own patterns, e-mail addresses, people's names."""

import re
from collections.abc import Callable, Sequence
from typing import Any, cast

from backend.redaction.clean import clean
from backend.redaction.patterns import compile_pattern, hide
from backend.redaction.redact import redact, redact_member, redact_named

PERSON, ADDRESS = "[person]", "[e-mail]"
# Not in the authority of a URL: postgres://user@host.example is where something runs, and no letter box.
_EMAIL = re.compile(r"(?<![\w.+%/-])[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
# Shorter names are syllables of everything else.
_SHORTEST_NAME = 3

Hide = Callable[[str], str]


def hider(patterns: Sequence[str], people: Sequence[str]) -> Hide:
    """What one text becomes. Applying it twice changes nothing more."""
    compiled = [compile_pattern(pattern) for pattern in dict.fromkeys(patterns)]
    names = sorted({name.strip() for name in people if len(name.strip()) >= _SHORTEST_NAME}, key=lambda n: (-len(n), n))
    person = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)") if names else None

    def hidden(text: str) -> str:
        safe = _EMAIL.sub(ADDRESS, hide(redact(clean(text)), compiled))
        return person.sub(PERSON, safe) if person else safe

    return hidden


def without(value: Any, hidden: Hide) -> Any:
    """The same with every text in it hidden, names of members among them."""
    match value:
        case str():
            return hidden(value)
        case dict():
            whole = cast(dict[Any, Any], value)
            told = {hidden(str(k)): _member(str(k), v, whole, hidden) for k, v in whole.items()}
            # A label names things; an annotation may be called "password".
            return {**told, "annotations": redact_named(told["annotations"])} if "annotations" in told else told
        case list():
            return [without(item, hidden) for item in cast(list[Any], value)]
        case _:
            return value


def _member(name: str, value: Any, whole: dict[Any, Any], hidden: Hide) -> Any:
    """What its own name calls secret, or {"name": "DB_PASSWORD", "value": …}: what was stored long ago may hold it."""
    if not isinstance(value, str):
        return without(value, hidden)
    return hidden(redact_member(str(whole.get("name") or name) if name == "value" else name, value))
