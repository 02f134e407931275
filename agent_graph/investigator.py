"""Runs the graph for one case file: starts it, or continues it from its last checkpoint; always ends with a report."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import structlog
from langgraph.checkpoint.base import BaseCheckpointSaver

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.deps import GraphDeps, Limits, Model, Notebook
from agent_graph.graph import Graph, build
from agent_graph.nodes.report import compose
from agent_graph.nodes.verify_claims import checked
from agent_graph.sources.registry import Sources
from agent_graph.state import State, begin
from backend.investigation.kinds import CaseFile, Report
from backend.settings import Settings

log = structlog.get_logger(__name__)

# What the graph may take beyond the deadline its own nodes watch, before it is cut off.
_GRACE_SECONDS = 5.0


@dataclass(frozen=True)
class Investigator:
    """What every run of a process shares."""

    settings: Settings
    sources: Sources
    model: Model | None

    async def investigate(
        self, case: CaseFile, notebook: Notebook, checkpointer: BaseCheckpointSaver[Any] | None
    ) -> Report:
        """The report. Past the deadline it is made of what has been gathered until then."""
        seconds = self.settings.investigation_timeout_seconds
        model_seconds = self.settings.llm_total_timeout_seconds if self.model is not None else 0.0
        started = time.monotonic()
        deps = GraphDeps(
            notebook=notebook,
            sources=self.sources.present,
            absent=self.sources.absent,
            model=self.model,
            limits=Limits(
                model_steps=self.settings.llm_max_steps,
                model_tokens=self.settings.llm_max_tokens,
                model_cost_usd=self.settings.llm_max_cost_usd,
            ),
            time_left=lambda: seconds - (time.monotonic() - started),
            model_time_left=lambda: seconds + model_seconds - (time.monotonic() - started),
        )
        graph = build(checkpointer)
        config: Any = {"configurable": {"thread_id": str(case.investigation_id)}, "recursion_limit": 60}
        try:
            async with asyncio.timeout(seconds + model_seconds + _GRACE_SECONDS):
                state = await _run(graph, case, deps, config, durable=checkpointer is not None)
        except TimeoutError:
            log.warning("investigation_out_of_time", incident_id=str(case.incident_id))
            return await self._in_haste(case, notebook, graph, config, durable=checkpointer is not None)
        return Report.model_validate(state["report"])

    async def _in_haste(
        self, case: CaseFile, notebook: Notebook, graph: Graph, config: Any, *, durable: bool
    ) -> Report:
        values: dict[str, Any] = (await graph.aget_state(config)).values if durable else {}
        # All of it: what a step that was cut off had stored already is not in the state.
        evidence = await notebook.read()
        rules = (await asyncio.to_thread(analyse, case, evidence)).model_dump(mode="json")
        silent = [f"{found.title}: {found.error}" for found in evidence if found.error]
        known = values.get("missing") or self.sources.absent
        missing = [*dict.fromkeys([*known, *silent]), "time: the investigation was ended at its deadline"]
        late = begin(case.model_dump(mode="json"))
        late.update(rules=rules, missing=missing, usage=values.get("usage", {}))
        late.update(checked(late, evidence))  # pyright: ignore[reportArgumentType, reportCallIssue]
        late.update(no_proposal="Nothing is proposed in haste.")
        return compose(late)


async def _run(graph: Graph, case: CaseFile, deps: GraphDeps, config: Any, *, durable: bool) -> State:
    """Steps that ended before a crash are not run again; what is given to ainvoke decides: None continues."""
    first = begin(case.model_dump(mode="json"))
    if not durable:
        return await graph.ainvoke(first, config, context=deps)  # pyright: ignore[reportReturnType]
    known = await graph.aget_state(config)
    if known.values.get("report"):
        return known.values  # pyright: ignore[reportReturnType]
    started = bool(known.values or known.next)
    return await graph.ainvoke(None if started else first, config, context=deps, durability="sync")  # pyright: ignore[reportReturnType]
