"""Serves the built UI: hashed assets for ever, everything else the single page."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from backend.errors import NotFound

# Paths of the API's own: an unknown one is a problem document, not the page.
OURS = ("api/", "auth/", "realtime/", "socket/", "webhooks/", "ping/", "metrics", "healthz", "readyz")


def site_directory() -> Path:
    """Where the built UI is: in the checkout, or beside the installed package."""
    inside = Path(__file__).parent / "dist"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "frontend" / "dist"


class Site(StaticFiles):
    """Static files, with the single page for every path that is a page's address."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path.startswith(OURS):
            raise NotFound()
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or path.startswith("assets/"):
                raise
            response = await super().get_response("index.html", scope)
        forever = path.startswith("assets/")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if forever else "no-cache"
        return response


def mount_site(app: FastAPI) -> None:
    """Mounts the UI at /. Without a build, says how to make one."""
    directory = site_directory()
    if (directory / "index.html").is_file():
        app.mount("/", Site(directory=directory, html=True), name="site")
        return

    @app.get("/", include_in_schema=False)
    async def not_built() -> Response:  # pyright: ignore[reportUnusedFunction]
        return PlainTextResponse("The UI has not been built. Run: make install\n", status_code=503)
