"""What a hook may look like and what it may be called with."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, best_match
from referencing import Registry
from referencing.exceptions import Unresolvable

MAX_SCHEMA_BYTES = 16_000
MAX_ARGUMENTS_BYTES = 16_000
MAX_URL_CHARACTERS = 2_000
MAX_HEADERS = 20
MAX_HEADER_CHARACTERS = 4_000
DRAFT = "https://json-schema.org/draft/2020-12/schema"

# Set by the call itself; a hook cannot change what the call is.
_OUR_HEADERS = {
    "host",
    "content-length",
    "content-type",
    "transfer-encoding",
    "connection",
    "upgrade",
    "idempotency-key",
    "user-agent",
}
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")


@dataclass(frozen=True)
class Wrong:
    """What is wrong, in a sentence for whoever wrote it."""

    text: str


def check_url(url: str) -> Wrong | None:
    """http and https only, without credentials: the URL is shown to the whole team."""
    if len(url) > MAX_URL_CHARACTERS or not url.isprintable() or " " in url:
        return Wrong("The URL has characters that do not belong there, or is too long.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return Wrong(f"The URL cannot be read: {error}.")
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return Wrong("The URL must be http:// or https:// with a host.")
    if parts.username is not None or parts.password is not None:
        return Wrong("Put credentials into a header: the URL is shown to everybody in the team.")
    return Wrong("A URL fragment (#…) is never sent; leave it out.") if parts.fragment else None


def check_headers(headers: Mapping[str, str]) -> Wrong | None:
    """Names and values that HTTP can carry, and none that the call sets itself. Never repeats a value: it is secret."""
    if len(headers) > MAX_HEADERS:
        return Wrong(f"At most {MAX_HEADERS} headers.")
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            return Wrong("A header name may have letters, digits and hyphens only.")
        if name.lower() in _OUR_HEADERS:
            return Wrong(f"The header {name} is set by Nightdesk.")
        if len(value) > MAX_HEADER_CHARACTERS or not _HEADER_VALUE.fullmatch(value):
            return Wrong(f"The value of header {name} is too long, or has characters other than printable ASCII.")
    return None


def check_schema(schema: Mapping[str, Any]) -> Wrong | None:
    """A JSON Schema (Draft 2020-12) of an object, small, and complete in itself."""
    if schema.get("$schema", DRAFT) != DRAFT:
        return Wrong(f"Only JSON Schema Draft 2020-12 is understood: {DRAFT}.")
    if schema.get("type") != "object":
        return Wrong('The arguments of a hook are an object: the schema needs "type": "object".')
    try:
        if len(json.dumps(schema)) > MAX_SCHEMA_BYTES:
            return Wrong(f"The schema is larger than {MAX_SCHEMA_BYTES} bytes.")
        refused = _check_references(schema)
        if refused is not None:
            return refused
        Draft202012Validator.check_schema(schema)
        # References are only followed when used: use it once.
        list(_validator(schema).iter_errors({}))
    except SchemaError as error:
        return Wrong(f"Not a valid JSON Schema: {error.message[:300]}")
    except (RecursionError, Unresolvable, re.error):
        return Wrong("The schema refers to itself without end, or to something that is not in it.")
    return None


def _check_references(value: Any) -> Wrong | None:
    """Nothing is ever fetched to understand a schema."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in ("$ref", "$dynamicRef") and isinstance(inner, str) and not inner.startswith("#"):
                return Wrong(f"{key} must point into the schema itself (#/$defs/…): nothing is fetched.")
            if key == "$id" and isinstance(inner, str):
                return Wrong("$id is not used here; leave it out.")
    children = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for child in children:
        refused = _check_references(child)
        if refused is not None:
            return refused
    return None


def check_arguments(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> Wrong | None:
    """Whether a hook may be called with these arguments."""
    try:
        if len(json.dumps(arguments)) > MAX_ARGUMENTS_BYTES:
            return Wrong(f"The arguments are larger than {MAX_ARGUMENTS_BYTES} bytes.")
        error = best_match(_validator(schema).iter_errors(arguments))
    except (RecursionError, Unresolvable, re.error):
        return Wrong("The hook's schema cannot be applied to these arguments.")
    if error is None:
        return None
    where = "/".join(str(part) for part in error.absolute_path)
    return Wrong(f"{where}: {error.message}"[:500] if where else error.message[:500])


def _validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    # A registry of its own: the default one would fetch what it does not know.
    return Draft202012Validator(schema, registry=Registry())
