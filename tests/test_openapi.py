"""The whole OpenAPI document, asked with what it allows and what it does not: every answer is one that it announces.

Each operation is called with a request that has to succeed, then with generated ones, valid and invalid, the same in
every run. The caller is an owner who runs the installation, too.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, Config, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import text

from backend.deps import Deps
from tests.support import hostile
from tests.support.openapi_props import Prop, props
from tests.support.people import SignedIn
from tests.test_route_matrix import ANYBODY, EXPECTED, Stage, body_of, stage  # noqa: F401 - stage is a fixture

SignIn = Callable[..., Awaitable[SignedIn]]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# The caller's own credential goes along, none that is made up: what those are answered is the route matrix's matter.
CONFIG = Config(
    projects=ProjectsConfig(default=ProjectConfig(generation=GenerationConfig(with_security_parameters=False)))
)
# Requests per operation: with the ids of the stage, with any ids, and invalid ones.
VALID, STRANGE, INVALID = 6, 2, 5

# Where no request made here can succeed, and why. Their refusals are checked all the same.
NEVER_SUCCEEDS = {"GET /readyz": "no worker runs beside this API, and it says so with 503"}
# What takes the caller's team or session away: each request is somebody's last.
LAST_REQUESTS = frozenset({"DELETE /api/team", "POST /api/team/leave", "POST /api/team/transfer"})


@dataclass
class Tour:
    """A caller on a stage, and what was found wrong."""

    stage: Stage
    deps: Deps
    sign_in: SignIn
    caller: SignedIn | None = None
    callers: int = 0
    props: dict[str, Prop] = field(default_factory=dict[str, Prop])
    succeeded: set[str] = field(default_factory=set[str])
    wrong: list[str] = field(default_factory=list[str])

    async def visit(self, operation: APIOperation[Any, Any, Any, Any]) -> None:
        """Every request of an operation, by a caller who is still in."""
        for number, case in enumerate(requests_for(operation, self.first_request(operation))):
            if number and operation.label in LAST_REQUESTS:
                await self.new_caller()
            if await self.send(case) in (401, 403) and not await self.caller_is_in():
                await self.new_caller()
                await self.send(case)

    def first_request(self, operation: APIOperation[Any, Any, Any, Any]) -> Case:
        """What succeeds: the ids of the stage and the body of the route matrix, or what the props say."""
        prop = self.props.get(operation.label, Prop())
        names = {parameter.name for parameter in operation.path_parameters}
        ids = {name: value for name, value in (self.stage.ids | prop.ids).items() if name in names}
        body = prop.body or body_of(EXPECTED[operation.label], self.stage.ids)
        extra = {"body": body, "media_type": "application/json"} if body is not None else {}
        return operation.Case(path_parameters=ids, query=prop.query, **extra)

    async def caller_is_in(self) -> bool:
        assert self.caller is not None
        return (await self.stage.api.get("/api/team", headers=self.caller.headers)).status_code == 200

    async def new_caller(self) -> SignedIn:
        """Another owner of the team, who also runs the installation."""
        self.callers += 1
        self.caller = await self.sign_in(f"tess{self.callers}@example.org")
        async with self.deps.db.transaction() as session:
            await session.execute(
                text(
                    "insert into profiles (user_id, is_platform_admin) values (:id, true)"
                    " on conflict (user_id) do update set is_platform_admin = true"
                ),
                {"id": self.caller.user_id},
            )
        return self.caller

    async def send(self, case: Case) -> int:
        """Sends the very bytes that would go over the wire, and compares the answer with the document."""
        assert self.caller is not None
        made = case.as_transport_kwargs(str(self.stage.api.base_url), self.caller.headers)
        wire = requests.Request(**made).prepare()
        request = self.stage.api.build_request(
            str(wire.method), str(wire.url), headers=dict(wire.headers), content=wire.body or b""
        )
        answer = await self.stage.api.send(request)
        if answer.is_success:
            self.succeeded.add(case.operation.label)
        unready = answer.status_code == 503 and case.operation.label in NEVER_SUCCEEDS
        try:
            case.validate_response(answer, checks=CHECKS, excluded_checks=[not_a_server_error] if unready else [])
        except* Exception as failed:
            request = case.as_curl_command()
            self.wrong += [
                f"{case.operation.label}: {answer.status_code} {one}\n{request}" for one in failed.exceptions
            ]
        return answer.status_code


def requests_for(operation: APIOperation[Any, Any, Any, Any], first: Case) -> list[Case]:
    """The first request, and generated ones: the same in every run."""
    found, ids = [first], first.path_parameters

    def collect(count: int, mode: GenerationMode, **fixed: Any) -> None:
        @settings(
            max_examples=count,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(mode, **fixed))
        def note(case: Case) -> None:
            found.append(case)

        note()

    given_ids = {"path_parameters": ids} if ids else {}
    collect(VALID, GenerationMode.POSITIVE, **given_ids)
    if ids:
        collect(STRANGE, GenerationMode.POSITIVE)
    if operation.path_parameters or operation.query or operation.body:
        # Of some there are no invalid ones: any text is a token.
        with suppress(Unsatisfiable):
            collect(INVALID, GenerationMode.NEGATIVE, **(given_ids if operation.query or operation.body else {}))
    return found + hostile_requests(operation, first)


def hostile_requests(operation: APIOperation[Any, Any, Any, Any], first: Case) -> list[Case]:
    """The first request with SQL, HTML and overlong texts in each text of its body and each name of its query."""
    ids: Any = {"path_parameters": first.path_parameters}
    queries = [{parameter.name: text} for parameter in operation.query for text in hostile.TEXTS]
    found = [operation.Case(**ids, query=query) for query in queries] if first.media_type is None else []
    if first.media_type is not None:
        found += [operation.Case(**ids, body=body, media_type=first.media_type) for body in hostile.bodies(first.body)]
    return found


@pytest.mark.timeout(600)
@pytest.mark.parametrize("method", METHODS)
async def test_every_answer_is_one_the_document_announces(
    stage: Stage,  # noqa: F811
    deps: Deps,
    sign_in: SignIn,
    method: str,
) -> None:
    schema = schemathesis.openapi.from_dict((await stage.api.get("/api/openapi.json")).json(), config=CONFIG)
    operations = {result.ok().label: result.ok() for result in schema.get_all_operations()}
    assert set(operations) == set(stage.routes)
    tour = Tour(stage, deps, sign_in)
    tour.props = await props(stage.api, deps, stage.ids, await tour.new_caller())
    asked = [route for route in stage.routes if route.startswith(f"{method} ")]
    for route in sorted(asked, key=lambda r: r in LAST_REQUESTS):
        await tour.visit(operations[route])
    assert not tour.wrong, "\n".join(tour.wrong)
    never = set(asked) - tour.succeeded
    assert never == set(asked) & set(NEVER_SUCCEEDS), f"tests/support/openapi_props.py has to say how {never} succeed"
