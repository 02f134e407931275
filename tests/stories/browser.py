"""Debian's Chromium, driven by Playwright."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from playwright.async_api import Page, ViewportSize, async_playwright, expect

from tests.real import program

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)
# A page that is slow on a busy machine is not wrong.
PATIENCE_SECONDS = 60

# Opens a window of somebody's own: no other window is signed in because this one is.
OpenWindow = Callable[[ViewportSize], Awaitable[Page]]


@asynccontextmanager
async def windows() -> AsyncGenerator[OpenWindow]:
    """One browser, any number of windows. What their scripts complain about fails the test."""
    binary = program("chromium")
    assert binary is not None, "chromium is missing: apt install chromium"
    complaints: list[str] = []
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=binary, args=list(ARGUMENTS))

        async def open_window(size: ViewportSize) -> Page:
            page = await browser.new_page(viewport=size)
            page.set_default_timeout(PATIENCE_SECONDS * 1000)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            return page

        try:
            yield open_window
        finally:
            await browser.close()
    assert complaints == []


@asynccontextmanager
async def page() -> AsyncGenerator[Page]:
    """An empty page at desk width."""
    async with windows() as open_window:
        yield await open_window(DESK)


async def sign_in(page: Page, url: str, email: str, password: str) -> None:
    """Goes to a page that asks who one is, and says so."""
    await page.goto(url)
    await enter_password(page, email, password)


async def enter_password(page: Page, email: str, password: str) -> None:
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in", exact=True).click()
