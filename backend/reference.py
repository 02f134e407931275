"""Writes docs/configuration.md from the settings class: python -m backend.reference."""

import sys
from typing import Any

from pydantic import AliasChoices
from pydantic.fields import FieldInfo

from backend.settings import Settings

HEAD = """# Configuration

Made from `backend/settings.py` by `make generate`; do not edit by hand.

Every setting is an environment variable, or a line in `nightdesk.toml` in the working directory (another file:
`NIGHTDESK_CONFIG`). The environment wins. In the file the name is the variable's without `NIGHTDESK_`, in lower case.
Flags of `nightdesk` (`--port`, `--data-dir`) win over both. A value that cannot work stops the process with a sentence
that names it.

| Variable | Default | What it does |
|---|---|---|
"""


def _variables(name: str, info: FieldInfo) -> str:
    alias = info.validation_alias
    names = [str(c) for c in alias.choices if str(c).isupper()] if isinstance(alias, AliasChoices) else []
    return " or ".join(f"`{n}`" for n in names) or f"`NIGHTDESK_{name.upper()}`"


def _default(value: Any) -> str:
    return "" if value in (None, (), {}) else f"`{value}`"


def document() -> str:
    """The configuration reference as Markdown."""
    rows = [
        f"| {_variables(name, info)} | {_default(info.default)} | {info.description} |"
        for name, info in Settings.model_fields.items()
    ]
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
