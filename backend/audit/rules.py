"""What of a change is written down, and how it leaves as CSV. Pure."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from pydantic import SecretBytes, SecretStr

MOST_CHARS = 1_000
MOST_ITEMS = 100
_DEPTH = 8
# By name, whatever a column or a setting of that name may hold one day.
_SECRET_NAME = re.compile(r"secret|token|passw|credential|hash|private|api_?key|authori[sz]ation|cookie|headers", re.I)
_NO_SECRET = frozenset({"token_prefix", "key_prefix", "api_key_name"})
_URL_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@")
# A spreadsheet takes a cell that starts like this for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def without_secrets(value: Any, depth: int = 0) -> Any:
    """The value as JSON, without what is secret by its type or by the name of its field, and not without end."""
    if depth > _DEPTH or isinstance(value, SecretStr | SecretBytes | bytes | bytearray | memoryview):
        return None
    if isinstance(value, Mapping):
        items = list(cast(Mapping[Any, Any], value).items())[:MOST_ITEMS]
        return {str(k): without_secrets(v, depth + 1) for k, v in items if not is_secret_name(str(k))}
    if isinstance(value, list | tuple | set | frozenset):
        return [without_secrets(item, depth + 1) for item in list(cast(Any, value))[:MOST_ITEMS]]
    return _plain(value)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    text = _URL_CREDENTIALS.sub("", str(value)).replace("\0", "")
    return text if len(text) <= MOST_CHARS else text[:MOST_CHARS] + "…"


def is_secret_name(name: str) -> bool:
    """Whether what a field of this name holds is never written down."""
    return name not in _NO_SECRET and _SECRET_NAME.search(name) is not None


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of both sides only the fields that differ."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


def csv_cell(value: Any) -> str:
    """The text of a cell that no spreadsheet will compute."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(_FORMULA) else text
