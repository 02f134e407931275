"""Where in the world an address is, from a local file in MaxMind's format; without one nothing is known."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import maxminddb
import structlog

log = structlog.get_logger(__name__)

_CACHED = 4_096


@dataclass(frozen=True)
class Place:
    """Country (ISO code) and city, as far as they are known."""

    country: str | None = None
    city: str | None = None


class Places:
    """Looks addresses up; the file is mapped into memory, answers are cached."""

    def __init__(self, reader: maxminddb.Reader | None) -> None:
        self._reader = reader
        self._cached = lru_cache(_CACHED)(self._look_up)

    def of(self, address: str | None) -> Place:
        """The place of an address; nothing for those that are private, malformed or not in the file."""
        return self._cached(address) if address and self._reader else Place()

    def _look_up(self, address: str) -> Place:
        try:
            found: Any = self._reader.get(address) if self._reader else None
        except (ValueError, maxminddb.InvalidDatabaseError):
            return Place()
        country, city = _part(found, "country"), _part(found, "city")
        code, name = country.get("iso_code"), _part(city, "names").get("en")
        return Place(code if isinstance(code, str) else None, name if isinstance(name, str) else None)


def _part(value: Any, name: str) -> dict[str, Any]:
    part: Any = cast(dict[str, Any], value).get(name) if isinstance(value, dict) else None
    return cast(dict[str, Any], part) if isinstance(part, dict) else {}


@contextmanager
def open_places(path: Path | None) -> Generator[Places]:
    """Opens the file. One that cannot be read is said once, and stops nothing."""
    reader = None
    if path is not None:
        try:
            reader = maxminddb.open_database(str(path), maxminddb.MODE_MMAP)
        except (OSError, ValueError, TypeError, maxminddb.InvalidDatabaseError) as error:
            log.warning("no_locations", path=str(path), error=str(error))
    try:
        yield Places(reader)
    finally:
        if reader is not None:
            reader.close()
