"""Prints the OpenAPI document: python -m backend.openapi > frontend/openapi.json."""

import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from backend.deps import Deps
from backend.main import create_app
from backend.tokens import TokenVerifier


@asynccontextmanager
async def _never_opened() -> AsyncGenerator[tuple[Deps, TokenVerifier]]:
    raise RuntimeError("only the document is made")
    yield


def document() -> str:
    """The OpenAPI document of every route, as stable JSON."""
    return json.dumps(create_app(_never_opened).openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
