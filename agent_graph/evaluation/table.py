"""The result of an evaluation as Markdown tables."""

from typing import Any


def render(document: dict[str, Any]) -> str:
    """Per scenario, per category, in total; healthy ones apart."""
    lines = ["| Scenario | Verdict | Category | Action | Passed | Seconds |", "|---|---|---|---|---|---|"]
    lines += [_row(one) for one in document["scenarios"]]
    lines += ["", "| Expected category | Scenarios | Passed |", "|---|---|---|"]
    lines += [f"| {name} | {group['n']} | {group['passed']} |" for name, group in document["categories"].items()]
    incidents, healthy, doubtful = document["incidents"], document["healthy"], document["doubtful"]
    low, high = incidents["wilson"]
    lines += [
        "",
        f"Analyst {document['analyst']}. Incidents: {incidents['passed']} of {incidents['n']} passed"
        f" ({incidents['rate']:.0%}, 95 % interval {low:.0%} to {high:.0%}).",
        f"Healthy, recovered or misleading: {healthy['passed']} of {healthy['n']} passed,"
        f" {healthy['false_alarms']} false alarms.",
        f"Doubtful, scored apart: {doubtful['passed']} of {doubtful['n']}.",
        f"Time {document['seconds']:.1f} s, tokens {document['tokens']}, cost {document['cost_usd']:.4f} USD.",
    ]
    return "\n".join(lines)


def _row(one: dict[str, Any]) -> str:
    action = one["action"]["kind"] if one["action"] else "none"
    passed = "yes" if one["passed"] else "no: " + "; ".join(one["why"]).replace("|", "/")
    apart = " (doubtful)" if one["doubtful"] else ""
    return (
        f"| {one['name']}{apart} | {one['verdict']} | {one['category']} | {action} | {passed} | {one['seconds']:.2f} |"
    )
