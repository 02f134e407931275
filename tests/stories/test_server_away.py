"""The server goes away while Olivia is at work: her pages say so at once, keep what they show, and recover alone."""

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Literal

import pytest
from playwright.async_api import FloatRect, Locator, Page, Route, ViewportSize, expect

from tests.real import needs_chromium
from tests.stories import browser
from tests.stories.access import AXE, shut_out
from tests.stories.browser import DESK, PHONE, sign_in
from tests.stories.outside import Outside
from tests.stories.product import OWNER, Instance, Watcher
from tests.stories.town import House, house

EVERYTHING = re.compile(r"^http://[^/]+/api/")
INCIDENTS = re.compile(r"/api/incidents(\?|$)")
CONFIG = re.compile(r"/api/config$")
LOOKS: tuple[tuple[Literal["dark", "light"], ViewportSize], ...] = (("dark", DESK), ("light", PHONE))


class Away:
    """Between the browser and the server: the first question fails, every later one gets no answer before `back`."""

    def __init__(self) -> None:
        self.asked = 0
        self.back = asyncio.Event()

    async def __call__(self, route: Route) -> None:
        self.asked += 1
        if self.asked == 1:
            await route.fulfill(status=502, body="<html>Bad gateway</html>")
            return
        await self.back.wait()
        await route.continue_()


async def refused(route: Route) -> None:
    await route.abort("connectionrefused")


@pytest.fixture
async def shop(running: Instance, olivia: Watcher, world: Outside) -> House:
    """What is wrong waits for a decision."""
    shop = await house("lonely-shop", olivia, world)
    await shop.breaks()
    await shop.becomes("awaiting_approval")
    return shop


@pytest.fixture
async def page(running: Instance) -> AsyncGenerator[Page]:
    """Olivia's window, signed in."""
    async with browser.page() as page:
        await page.add_init_script(AXE.read_text())
        await sign_in(page, running.url, OWNER.email, OWNER.password)
        await expect(heading(page, "Incidents")).to_be_visible()
        yield page


def heading(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", name=re.compile(name), level=1)


async def open_without(page: Page, what: re.Pattern[str], url: str) -> Away:
    away = Away()
    # What the page before it still asks for is not the first question.
    await page.goto("about:blank")
    await page.route(what, away)
    await page.goto(url)
    return away


@needs_chromium
@pytest.mark.timeout(180)
async def test_the_first_failure_is_said_and_the_page_fills_by_itself(running: Instance, page: Page):
    away = await open_without(page, INCIDENTS, f"{running.url}/incidents")
    said = page.get_by_role("alert").filter(has_text="could not be loaded")
    await expect(said).to_have_text("The incidents could not be loadedNightdesk answers with error 502.")
    # No second failure told it.
    assert away.asked <= 2
    await expect(page.get_by_text("Trying again")).to_be_visible()
    assert await shut_out(page, "without incidents") == []
    away.back.set()
    await expect(said).to_have_count(0)
    await expect(page.get_by_role("list", name="Loading")).to_have_count(0)
    await expect(page.locator("a[data-row]").or_(page.get_by_text("Nothing is wrong")).first).to_be_visible()


@needs_chromium
@pytest.mark.timeout(180)
async def test_an_open_incident_stays_where_it_is_and_is_marked_as_old(running: Instance, shop: House, page: Page):
    for theme, window in LOOKS:
        await page.emulate_media(color_scheme=theme)
        await page.set_viewport_size(window)
        await page.goto(f"{running.url}/incidents/{shop.incident}")
        await expect(heading(page, "lonely-shop")).to_be_visible()
        await expect(page.locator(".animate-pulse")).to_have_count(0)
        before = await places(page)
        await page.route(EVERYTHING, refused)
        await look_again(page)
        edge = page.locator("[data-trouble]")
        await expect(edge).to_contain_text(re.compile(r"Nightdesk does not answer\. What you see is from \d"))
        assert await places(page) == before
        assert await shut_out(page, f"an old incident ({theme})") == []
        if window == PHONE:
            await stands_above_the_decision(page, edge)
        await page.unroute(EVERYTHING)
        await page.get_by_role("button", name="Try now").click()
        await expect(edge).to_have_count(0)


async def places(page: Page) -> list[FloatRect | None]:
    shown = (heading(page, "lonely-shop"), approve(page), page.get_by_role("heading", name="Timeline"))
    return [await one.bounding_box() for one in shown]


def approve(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile("^Approve"))


async def look_again(page: Page) -> None:
    """As a browser does whose network comes back."""
    await page.context.set_offline(True)
    await expect(page.get_by_text("You are offline")).to_be_visible()
    await page.context.set_offline(False)
    await expect(page.get_by_text("You are offline")).to_have_count(0)


async def stands_above_the_decision(page: Page, edge: Locator) -> None:
    lower, button = await edge.bounding_box(), await approve(page).bounding_box()
    assert lower is not None
    assert button is not None
    assert lower["y"] + lower["height"] <= button["y"]
    # The button itself can be pressed: nothing lies over it.
    await approve(page).click(trial=True)


@needs_chromium
@pytest.mark.timeout(120)
async def test_a_page_that_never_began_begins_by_itself(running: Instance, page: Page):
    away = await open_without(page, CONFIG, f"{running.url}/incidents")
    await expect(heading(page, "Nightdesk does not answer")).to_be_visible()
    away.back.set()
    await expect(heading(page, "Incidents")).to_be_visible()
