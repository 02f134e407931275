"""Sources as an investigation opens and asks them, for tests at the wire."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from agent_graph.sources.registry import Sources, open_sources
from backend.investigation.kinds import CaseFile, Evidence
from backend.settings import load_settings


@asynccontextmanager
async def sources(tmp_path: Path, **settings: Any) -> AsyncGenerator[Sources]:
    values = {"data_dir": tmp_path, "docker_host": "unix:///nowhere", "source_timeout_seconds": 1.0, **settings}
    async with httpx.AsyncClient() as http, open_sources(load_settings(**values), http) as opened:
        yield opened


async def first(opened: Sources, name: str, told: CaseFile) -> list[Evidence]:
    source = opened.present[name]
    return [found for ask in source.first(told) for found in await source.answer(told, ask)]
