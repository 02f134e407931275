"""The whole investigation on one page.

triage → gather (one branch per source) → analyse ─┬→ gather again (≤ 3 rounds)
                                                   ├→ consult (the model) ⇄ look (its questions, one branch per source)
                                                   └→ verify_claims → propose → report
"""

from functools import cache
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agent_graph import routing
from agent_graph.deps import GraphDeps
from agent_graph.nodes.analyse import analyse
from agent_graph.nodes.consult import consult
from agent_graph.nodes.gather import gather
from agent_graph.nodes.look import look
from agent_graph.nodes.propose import propose
from agent_graph.nodes.report import report
from agent_graph.nodes.triage import triage
from agent_graph.nodes.verify_claims import verify_claims
from agent_graph.state import State

Graph = CompiledStateGraph[State, GraphDeps, State, State]

NODES = ("triage", "gather", "analyse", "consult", "look", "verify_claims", "propose", "report")


def build(checkpointer: BaseCheckpointSaver[Any] | None) -> Graph:
    """The compiled graph; its runs continue from `checkpointer`."""
    return _compiled().copy({"checkpointer": checkpointer})


@cache
def _compiled() -> Graph:
    """Compiled once in a process: LangGraph disassembles every node for it, which takes tens of milliseconds."""
    graph = StateGraph(State, context_schema=GraphDeps)
    graph.add_node("triage", triage)
    graph.add_node("gather", gather)
    graph.add_node("analyse", analyse)
    graph.add_node("consult", consult)
    graph.add_node("look", look)
    graph.add_node("verify_claims", verify_claims)
    graph.add_node("propose", propose)
    graph.add_node("report", report)

    graph.add_edge(START, "triage")
    graph.add_conditional_edges("triage", routing.fan_out, ["gather", "analyse"])
    graph.add_edge("gather", "analyse")
    graph.add_conditional_edges("analyse", routing.after_analysis, ["gather", "consult", "verify_claims"])
    graph.add_conditional_edges("consult", routing.after_consultation, ["look", "consult", "verify_claims"])
    graph.add_edge("look", "consult")
    graph.add_edge("verify_claims", "propose")
    graph.add_edge("propose", "report")
    graph.add_edge("report", END)
    return graph.compile()
