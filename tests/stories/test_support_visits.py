"""Support acts as a member of a team, in Chromium: with a reason, in plain sight, and both sides can read it."""

import re

import pytest
from playwright.async_api import expect

from tests.stories.browser import page as open_page
from tests.stories.browser import sign_in
from tests.stories.product import OWNER, Instance

SONJA = ("sonja@example.org", "support has a long password")
REASON = "Ticket 4711: a monitor is missing"


@pytest.fixture
def sonja(running: Instance) -> None:
    """She runs the installation."""
    created = running.command(
        "user", "create", SONJA[0], "--role", "viewer", "--platform-admin", "--password-stdin", stdin=SONJA[1]
    )
    assert created.returncode == 0, created.stderr


@pytest.mark.usefixtures("sonja")
async def test_a_visit_has_a_reason_is_seen_all_the_time_and_ends_with_a_button(running: Instance):
    async with open_page() as page:
        await sign_in(page, f"{running.url}/admin/teams", *SONJA)
        await page.locator("a[data-row]").first.click()
        await page.get_by_role("button", name=f"Act as them… {OWNER.email}").click()
        await page.get_by_label("Reason").fill("help")
        begin = page.get_by_role("button", name="Begin")
        await expect(begin).to_have_attribute("aria-disabled", "true")
        await page.get_by_label("Reason").fill(REASON)
        await begin.click()

        banner = page.get_by_role("complementary", name="Acting as somebody else")
        await expect(banner).to_contain_text(REASON)
        await expect(banner.get_by_role("timer")).to_have_text(re.compile(r"^(30:00|2\d:\d\d) left$"))
        await page.goto(f"{running.url}/monitors")
        await expect(banner).to_contain_text(OWNER.email)
        await expect(page.get_by_role("link", name="Maintenance")).to_have_count(0)

        await banner.get_by_role("button", name="End").click()
        await page.wait_for_url("**/admin/teams/*")
        await expect(page.get_by_role("link", name="Maintenance")).to_be_visible()
        await expect(banner).to_have_count(0)
        await page.goto(f"{running.url}/admin/visits")
        await expect(page.get_by_role("listitem").filter(has_text=REASON)).to_contain_text("ended")

    async with running.owner() as olivia:
        log = await olivia.client.items("/api/audit", action="impersonation.")
        assert {entry["action"] for entry in log} == {"impersonation.begin", "impersonation.end"}
        assert all(REASON in str(entry["after"]) for entry in log if entry["action"] == "impersonation.begin")
