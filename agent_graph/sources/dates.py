"""Which days of the year a sentence names, as people write them: "7, 14 and 21 April", "March 10-12", "2026-03-10"."""

import re
from collections.abc import Iterator

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November"),
    "December",
)
_SHORT = [month[:3] for month in _MONTHS]
# With a capital: what may happen names no month.
_MONTH = rf"\b({'|'.join([*_MONTHS, 'Sept', *_SHORT])})\b\.?"
# A number that is neither a time of day nor a year.
_DAY = r"\b(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![:\d])\.?"
_UNTIL = r"(?: ?[-–] ?| to | through | until )"
_LIST = rf"({_DAY}(?:(?:, ?| and | & |/| or |{_UNTIL}){_DAY})*)"
_BEFORE = re.compile(rf"{_LIST} (?:of )?{_MONTH}")
_AFTER = re.compile(rf"{_MONTH} {_LIST}")
_ISO = re.compile(r"\b\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?!\d)")
_RANGE = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?\.?{_UNTIL}(\d{{1,2}})")


def days_of(text: str) -> set[tuple[int, int]]:
    """Months and days; empty where none is named."""
    return set(_named(text))


def _named(text: str) -> Iterator[tuple[int, int]]:
    yield from ((int(month), int(day)) for month, day in _ISO.findall(text))
    for days, month in [*_BEFORE.findall(text), *((d, m) for m, d in _AFTER.findall(text))]:
        number = _SHORT.index(month[:3]) + 1
        yield from ((number, int(day)) for day in re.findall(r"\d{1,2}", days))
        for first, last in _RANGE.findall(days):
            yield from ((number, day) for day in range(int(first), int(last) + 1))
