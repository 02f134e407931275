"""Hides what must not leave the team, once more: secrets, the team's own patterns, e-mail addresses, people's names."""

import re
from collections.abc import Callable, Sequence
from typing import Any, cast

from backend.redaction.clean import clean
from backend.redaction.patterns import compile_pattern, hide
from backend.redaction.redact import redact, redact_member, redact_named
from backend.redaction.secrets import HIDDEN, SECRET_NAME

PERSON, ADDRESS = "[person]", "[e-mail]"
# Not in the authority of a URL: postgres://user@host.example is where something runs, and no letter box.
_EMAIL = re.compile(r"(?<![\w.+%/-])[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_FLAG = re.compile(r"--?[A-Za-z][\w.-]*")
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
            items = cast(list[Any], value)
            return [_item(before, item, hidden) for before, item in zip([None, *items], items, strict=False)]
        case _:
            return value


def _member(name: str, value: Any, whole: dict[Any, Any], hidden: Hide) -> Any:
    """What its own name calls secret, or {"name": "DB_PASSWORD", "value": …}: what was stored long ago may hold it."""
    called = str(whole.get("name") or whole.get("key") or name) if name == "value" else name
    if isinstance(value, str):
        return hidden(redact_member(called, value))
    return _nothing_of(value, hidden) if SECRET_NAME.search(called) else without(value, hidden)


def _item(before: Any, item: Any, hidden: Hide) -> Any:
    """One of a list; what follows `--password` is what a command line hides."""
    if isinstance(before, str) and isinstance(item, str | int | float) and _FLAG.fullmatch(before):
        line = f"{before} {item}"
        if redact(line) != f"{before} {redact(str(item))}":
            return HIDDEN
    return without(item, hidden)


def _nothing_of(value: Any, hidden: Hide) -> Any:
    """The shape alone: a secret may be a number, or lie in a list or deeper. A yes or no is none."""
    match value:
        case dict():
            return {hidden(str(k)): _nothing_of(v, hidden) for k, v in cast(dict[Any, Any], value).items()}
        case list():
            return [_nothing_of(item, hidden) for item in cast(list[Any], value)]
        case bool() | None:
            return value
        case _:
            return HIDDEN
