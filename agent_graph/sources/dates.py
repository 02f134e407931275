"""Which days of the year a sentence names, as people write them: "7, 14 and 21 April", "March 10", "2026-03-10"."""

import re
from collections.abc import Iterator

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# With a capital: what may happen names no month.
_MONTH = rf"\b({'|'.join(_MONTHS)})[a-z]{{0,6}}\b\.?"
# A number that is neither a time of day nor a year.
_DAY = r"\b(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![:\d])\.?"
_LIST = rf"({_DAY}(?:(?:, ?| and | & |/| or ){_DAY})*)"
_BEFORE = re.compile(rf"{_LIST} (?:of )?{_MONTH}")
_AFTER = re.compile(rf"{_MONTH} {_LIST}")
_ISO = re.compile(r"\b\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?!\d)")


def days_of(text: str) -> set[tuple[int, int]]:
    """Months and days; empty where none is named."""
    return set(_named(text))


def _named(text: str) -> Iterator[tuple[int, int]]:
    yield from ((int(month), int(day)) for month, day in _ISO.findall(text))
    for days, month in [*_BEFORE.findall(text), *((d, m) for m, d in _AFTER.findall(text))]:
        number = _MONTHS.index(month) + 1
        yield from ((number, int(day)) for day in re.findall(r"\d{1,2}", days))
