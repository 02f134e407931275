"""Every page in both themes, at a desk and on a phone: nothing shuts anybody out, nothing sticks out."""

import json
import re
from collections.abc import AsyncGenerator
from typing import Literal

import pytest
from playwright.async_api import Page, Route, ViewportSize, expect

from tests.stories.access import AXE, FRONTEND, shut_out
from tests.stories.browser import DESK, PATIENCE_SECONDS, PHONE, sign_in
from tests.stories.browser import page as open_page
from tests.stories.product import Instance

PATIENCE_MS = PATIENCE_SECONDS * 1000

PAULA = ("paula@example.org", "a platform of one's own")

# As the series of a cluster are called: nowhere a place to break the line.
SERIES = 'istio_requests_total{destination_workload_namespace="shop-prod",reporter="destination",source_workload="' + (
    "checkout-api-gateway." * 6
)

# By how much a page is wider than the window with everything on it unfolded and drawn.
UNFOLDED_EXCESS = """async () => {
  for (const folded of document.querySelectorAll('main details')) folded.open = true
  await new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))
  return document.documentElement.scrollWidth - document.documentElement.clientWidth
}"""

# What the router's addresses are filled with. A route with another one fails the test until it is named here.
PARAMETERS = ("$incidentId", "$runbookId", "$teamId", "$token")
LISTS = {"$runbookId": "/runbooks", "$teamId": "/admin/teams"}
SIGNED_OUT = {"/sign-in", "/recover", "/invite/$token"}

LOOKS: tuple[tuple[Literal["dark", "light"], ViewportSize], ...] = (("dark", DESK), ("light", PHONE))


def addresses() -> list[str]:
    """The paths of the router, as it declares them."""
    router = (FRONTEND / "src" / "router.tsx").read_text()
    return [path for path in re.findall(r"path: '([^']+)'", router) if path != "/"]


def filled(path: str, values: dict[str, str]) -> str:
    for name in PARAMETERS:
        path = path.replace(name, values.get(name, name))
    if path == "$":
        return "/nowhere"
    assert "$" not in path, f"what stands for the parameter in {path}?"
    return path


@pytest.fixture
def values(running: Instance) -> dict[str, str]:
    """An incident that has gone all the way, and an invitation that nobody sent."""
    created = running.command(
        "user", "create", PAULA[0], "--role", "admin", "--platform-admin", "--password-stdin", stdin=PAULA[1]
    )
    assert created.returncode == 0, created.stderr
    drilled = running.command("drill", "--kind", "pool", "--approve", "--json")
    assert drilled.returncode == 0, drilled.stderr
    return {"$incidentId": json.loads(drilled.stdout)["incident_id"], "$token": "ndv_unknown"}


@pytest.fixture
async def page() -> AsyncGenerator[Page]:
    async with open_page() as page:
        await page.add_init_script(AXE.read_text())
        yield page


async def named_at_length(route: Route) -> None:
    """What the API answers, with everything that sources and analysts wrote as long as it gets."""
    answer = await route.fetch()
    listed = await answer.json()
    for item in listed["items"]:
        for written in ("title", "summary", "query", "statement", "disproof"):
            if written in item:
                item[written] = SERIES
        for cited in item.get("supporting", []):
            cited["note"] = SERIES
    await route.fulfill(response=answer, json=listed)


async def grave(page: Page, where: str) -> list[str]:
    """What an automatic examination finds there that shuts somebody out, and what is wider than the window."""
    await page.locator("h1").first.wait_for(timeout=PATIENCE_MS)
    await expect(page.locator(".animate-pulse, [aria-busy=true]")).to_have_count(0, timeout=PATIENCE_MS)
    wrong = await shut_out(page, where)
    wide = await page.evaluate(UNFOLDED_EXCESS)
    return [*wrong, *([f"{where}: {wide} pixels wider than the window"] if wide > 0 else [])]


async def visit(page: Page, url: str, paths: list[str]) -> list[str]:
    wrong: list[str] = []
    for theme, window in LOOKS:
        await page.emulate_media(color_scheme=theme)
        await page.set_viewport_size(window)
        for path in paths:
            await page.goto(url + path, wait_until="domcontentloaded")
            wrong += await grave(page, f"{path} ({theme}, {window['width']})")
    return wrong


async def first_of(page: Page, address: str) -> str:
    """The id that the first row of a list leads to."""
    await page.goto(address)
    row = page.locator("a[data-row]").first
    await row.wait_for(timeout=PATIENCE_MS)
    return (await row.get_attribute("href") or "").rsplit("/", 1)[-1]


@pytest.mark.timeout(300)
async def test_every_page_can_be_used_by_everybody(running: Instance, values: dict[str, str], page: Page):
    known = addresses()
    assert len(known) > 20
    wrong = await visit(page, running.url, [filled(path, values) for path in known if path in SIGNED_OUT])
    await sign_in(page, running.url, *PAULA)
    await page.get_by_role("heading", name="Incidents", level=1).wait_for(timeout=PATIENCE_MS)
    listed = {name: await first_of(page, f"{running.url}{path}") for name, path in LISTS.items()}
    inside = [filled(path, {**values, **listed}) for path in known if path not in SIGNED_OUT]
    wrong += await visit(page, running.url, inside)
    await page.route(re.compile(r"/api/incidents/[^/]+/(evidence|hypotheses)"), named_at_length)
    wrong += await visit(page, running.url, [f"/incidents/{values['$incidentId']}"])
    assert wrong == []
