"""Debian's Chromium, driven by Playwright."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from playwright.async_api import Page, async_playwright

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


@asynccontextmanager
async def page() -> AsyncGenerator[Page]:
    """An empty page at desk width. What its scripts complain about fails the test."""
    binary = program("chromium")
    assert binary is not None, "chromium is missing: apt install chromium"
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=binary, args=list(ARGUMENTS))
        try:
            page = await browser.new_page(viewport={"width": 1440, "height": 900})
            page.on("pageerror", lambda error: complaints.append(str(error)))
            yield page
        finally:
            await browser.close()
    assert complaints == []
