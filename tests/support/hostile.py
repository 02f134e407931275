"""Texts that hurt those who paste them into SQL, HTML or a layout, and every place of a body they can go to."""

import copy
from collections.abc import Iterator
from typing import Any

TEXTS = (
    "'; drop table incidents; --",
    "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "n" * 200,
    "раураl\u202e\u200bgro.elpmaxe\x00",
)


def bodies(body: Any) -> Iterator[Any]:
    """The body with one of its texts replaced, for each text in it and each hostile one."""
    for path in _texts(body):
        for text in TEXTS:
            changed = copy.deepcopy(body)
            place = changed
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = text
            yield changed


def _texts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _texts(inner, (*path, place))
