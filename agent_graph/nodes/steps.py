"""Tells whoever watches what a node does: a line when it begins, and what came of it when it ends."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from agent_graph.deps import Notebook
from backend.investigation.kinds import Step, StepStatus, Usage


@dataclass
class Progress:
    """What the block finds out about its step while it runs."""

    detail: str = ""
    status: StepStatus = "done"
    usage: Usage | None = None


@asynccontextmanager
async def step(notebook: Notebook, begun: Step) -> AsyncGenerator[Progress]:
    """Notes the step as running and, when the block has ended, as what it became."""
    await notebook.note(begun)
    started = time.monotonic()
    progress = Progress(begun.detail)
    try:
        yield progress
    except Exception as error:
        progress.status, progress.detail = "failed", type(error).__name__
        await notebook.note(_ended(begun, progress, started))
        raise
    await notebook.note(_ended(begun, progress, started))


def _ended(begun: Step, progress: Progress, started: float) -> Step:
    spent = progress.usage or Usage()
    return begun.model_copy(
        update={
            "status": progress.status,
            "detail": progress.detail,
            "ms": round((time.monotonic() - started) * 1000),
            "tokens_in": spent.tokens_in,
            "tokens_out": spent.tokens_out,
        }
    )
