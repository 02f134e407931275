"""How refusals are described in the OpenAPI document: the codes by status, and those that every route shares."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from backend.http import PROBLEM

# What may be answered to anybody who has to say who they are.
_SHARED = {
    401: "`not_signed_in`, `session_ended`, `token_…` or `api_key_…`: the credential is missing, over or not accepted.",
    402: "`trial_ended`: the team's trial is over; it can be read but not changed.",
    403: "`forbidden`, `scope_missing`, `not_as_visitor`, `no_team` or `team_suspended`: you may not do this.",
    503: "`maintenance`: nothing can be changed for the moment; `unavailable`: the database does not answer.",
}
_READS = frozenset({401, 403, 503})


def refusals(**texts: str) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route: refusals(s404="`not_found`: there is no such thing.")"""
    return {int(s.removeprefix("s")): {"description": text, "content": {PROBLEM: {}}} for s, text in texts.items()}


def describe_shared_refusals(app: FastAPI) -> None:
    """Adds to the document what every route that needs a credential may answer, where it does not say so itself."""
    make: Callable[[], dict[str, Any]] = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            for methods in make()["paths"].values():
                for method, operation in methods.items():
                    _describe(method, operation)
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = described


def _describe(method: str, operation: dict[str, Any]) -> None:
    answers: dict[str, Any] = operation["responses"]
    if "422" in answers and "application/json" in answers["422"].get("content", {}):
        answers["422"] = {
            "description": "`invalid`: the request could not be understood; `errors` says where.",
            "content": {PROBLEM: {}},
        }
    if "requestBody" in operation:
        answers.setdefault("413", {"description": "`too_large`: the body is over 1 MB.", "content": {PROBLEM: {}}})
    if "security" in operation:
        for status, text in _SHARED.items():
            if method != "get" or status in _READS:
                answers.setdefault(str(status), {"description": text, "content": {PROBLEM: {}}})
