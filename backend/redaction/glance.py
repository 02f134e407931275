"""Searches by RE2: one look, however many words are looked for, and in linear time, however hostile the text is."""

import re
from collections.abc import Callable
from typing import Any

import re2

# Below that, a search for each word is faster: of so few words, in so short a text.
FEW_WORDS = 8
_SHORT = 200

Seen = Callable[[str], bool]


def glance(pattern: str, shortest: int) -> Seen:
    """Whether it may occur, in a text that is long enough. No look-around; digits of other scripts are not told."""
    search = _searched(pattern)

    def seen(text: str) -> bool:
        return len(text) >= shortest and (not text.isascii() or search(text))

    return seen


def any_of(words: tuple[str, ...], shortest: int = 1) -> Seen:
    """Whether one of the words occurs."""
    in_long = _searched("|".join(map(re.escape, words)))

    def seen(text: str) -> bool:
        if len(text) >= _SHORT:
            return in_long(text)
        if len(text) >= shortest:
            for word in words:
                if word in text:
                    return True
        return False

    return seen


def finder(pattern: str) -> Callable[[str], list[tuple[int, int]]]:
    """Where it occurs."""
    compiled = _compiled(pattern)

    def found(text: str) -> list[tuple[int, int]]:
        try:
            return [match.span() for match in compiled.finditer(text)]
        except UnicodeEncodeError:
            # Half of a character, as broken JSON brings: what stands for it is as long.
            return found(text.encode("utf-8", "replace").decode())

    return found


def _searched(pattern: str) -> Seen:
    compiled = _compiled(pattern)
    return lambda text: compiled.search(text.encode("utf-8", "surrogatepass")) is not None


def _compiled(pattern: str) -> Any:
    options: Any = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)
