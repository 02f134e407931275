"""GoTrue's manners around every route: the API key, the error bodies, the api-version header, CORS."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from sqlalchemy.exc import DataError

from backend.deps import Deps
from backend.embedded import cors
from backend.embedded.auth.context import Auth
from backend.embedded.auth.errors import AuthRefusal, BadJson, NoAuthorization, ValidationFailed
from backend.embedded.auth.service import authenticate
from backend.embedded.auth.sessions import Client
from backend.errors import NotFound
from backend.location import Places
from backend.origin import client_address
from backend.tokens import Claims

API_VERSION = "2024-01-01"
VERSION_HEADER = "x-supabase-api-version"
OPEN_PATHS = ("/.well-known/jwks.json", "/health")
MOST_AGENT_CHARS = 500
SECRET_PREFIX = "sb_secret_"  # noqa: S105

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class AuthRoute(APIRoute):
    """A route whose every answer, refusals too, looks as GoTrue's would behind Supabase's gateway."""

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            response = await _gateway_refusal(request) or await _handled(handler, request)
            response.headers.update(cors.ANSWER)
            return response

        return answer


async def _handled(handler: Handler, request: Request) -> Response:
    try:
        return await handler(request)
    except AuthRefusal as refusal:
        return _refused(request, refusal)
    except RequestValidationError as error:
        return _refused(request, _misunderstood(error))
    except (DataError, UnicodeError):
        return _refused(request, ValidationFailed("Text must not contain NUL or broken characters"))


def _misunderstood(error: RequestValidationError) -> AuthRefusal:
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return BadJson()
    where = ".".join(str(part) for part in first["loc"][1:]) or "body"
    return ValidationFailed(f"{where}: {first['msg']}")


def _refused(request: Request, refusal: AuthRefusal) -> Response:
    versioned = request.headers.get(VERSION_HEADER, "") >= API_VERSION
    headers = {VERSION_HEADER: API_VERSION, "x-sb-error-code": refusal.code} if versioned else {}
    return JSONResponse(refusal.wire(versioned=versioned), refusal.status, {**headers, **refusal.headers})


async def _gateway_refusal(request: Request) -> Response | None:
    """What the gateway in front of GoTrue answers when the API key is missing, wrong, or a secret in a browser."""
    if request.url.path.endswith(OPEN_PATHS):
        return None
    key = request.headers.get("apikey") or request.query_params.get("apikey")
    if not key:
        return JSONResponse({"message": "No API key found in request", "hint": "Send it in the `apikey` header."}, 401)
    if await kind_of_key(auth_of(request), key) is None:
        return JSONResponse({"message": "Invalid API key", "hint": "Read the key from /api/config."}, 401)
    if key.startswith(SECRET_PREFIX) and _is_browser(request):
        return JSONResponse(
            {
                "message": "Forbidden use of secret API key in browser",
                "hint": "Secret API keys can only be used in a protected environment and should never be in a browser.",
            },
            401,
        )
    return None


async def kind_of_key(auth: Auth, key: str) -> Literal["publishable", "secret"] | None:
    """Which of our keys this is now: a secret key may have been replaced a moment ago."""
    if key.startswith(SECRET_PREFIX):
        async with auth.db.transaction() as session:
            await auth.keys.reload(session)
    return auth.keys.kind_of(key)


def _is_browser(request: Request) -> bool:
    # Not sec-fetch-mode: Node sends that, too.
    return "mozilla/" in request.headers.get("user-agent", "").lower() or "sec-fetch-site" in request.headers


def auth_of(request: Request) -> Auth:
    """The auth edge, put on the app at start. Raises NotFound where a Supabase project serves auth instead."""
    auth: Auth | None = request.app.state.auth
    if auth is None:
        raise NotFound("Sign-in is served by Supabase; read its address from /api/config.")
    return auth


def deps_of(request: Request) -> Deps:
    return request.app.state.deps


def client_of(request: Request) -> Client:
    agent = request.headers.get("user-agent")
    address = client_address(request, deps_of(request).settings.trusted_proxies)
    places: Places = request.app.state.places
    place = places.of(address)
    return Client(address, agent[:MOST_AGENT_CHARS] if agent else None, place.country, place.city)


AuthDep = Annotated[Auth, Depends(auth_of)]
DepsDep = Annotated[Deps, Depends(deps_of)]
ClientDep = Annotated[Client, Depends(client_of)]


async def claims_of(request: Request, auth: AuthDep, deps: DepsDep) -> Claims:
    """Who asks. Raises NoAuthorization, BadJwt, SessionNotFound."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NoAuthorization()
    return await authenticate(auth, token.strip(), deps.clock.now())


ClaimsDep = Annotated[Claims, Depends(claims_of)]
