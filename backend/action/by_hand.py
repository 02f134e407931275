"""How a person does the same without Nightdesk: a command or a statement, with every argument quoted for its language.

A template is one line of text. {name} is an argument as a shell takes it, {name!l} a literal and {name!i} an identifier
of SQL, and a [part in brackets] is left out where an argument in it is not given.
"""

import json
import re
import shlex
from string import Formatter
from typing import Any

from pydantic import BaseModel

_OPTIONAL = re.compile(r"\[([^\[\]]*\{(\w+)[^\[\]]*)\]")


class _Quoting(Formatter):
    def convert_field(self, value: Any, conversion: str | None) -> Any:
        if conversion == "i":
            return '"' + str(value).replace('"', '""') + '"'
        if conversion == "l":
            return _literal(str(value))
        return shlex.quote(json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value))


def fill(template: str, params: BaseModel) -> str:
    """The template with the arguments of this action, safe to paste."""

    def part(found: re.Match[str]) -> str:
        return "" if getattr(params, found[2]) is None else found[1]

    whole = _OPTIONAL.sub(part, template)
    wanted = {name for _, name, _, _ in Formatter().parse(whole) if name}
    return _Quoting().vformat(whole, (), {name: getattr(params, name) for name in wanted})


def _literal(text: str) -> str:
    """As PostgreSQL's own quote_literal does: a backslash means itself, whatever the server is set to."""
    quoted = text.replace("'", "''")
    return "E'" + quoted.replace("\\", "\\\\") + "'" if "\\" in text else f"'{quoted}'"
