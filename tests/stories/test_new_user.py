"""A new user, from the mail that invites them to the phone they lose: in Chromium, with a mail server on loopback.

Nina is invited, chooses a password, and may not approve with it alone where the team asks for more. She sets up an
authenticator at her desk, which ends what her password had opened on the phone; there she is asked for the code. She
moves to another app, and is asked again as she approves. The phone gets lost: a recovery code lets her in, ends the
phone's session and takes the authenticator away; she sets up another.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect
from pyotp import HOTP

from backend.client import Account, Refused, signed_in
from tests.fakes.smtp import MailServer, mail_server
from tests.real import needs_chromium
from tests.stories import browser
from tests.stories.browser import DESK, PATIENCE_SECONDS, PHONE, enter_password, sign_in
from tests.stories.outside import Outside, outside
from tests.stories.product import OWNER, Instance, instance
from tests.stories.town import House, house

NINA = "nina@example.org"
PASSWORD = "a lighthouse in november"
STEP_SECONDS = 30


@dataclass
class Authenticator:
    """An app on a phone, told its secret by the page."""

    secret: str
    _last: int = field(default=0)

    def code(self) -> str:
        """A code that was not shown before: the next one when this half minute's is used up."""
        self._last = max(int(time.time()) // STEP_SECONDS, self._last + 1)
        return HOTP(self.secret).at(self._last)


@dataclass(frozen=True)
class Place:
    """An instance that sends mail, and the world around it."""

    running: Instance
    mail: MailServer
    world: Outside


@pytest.fixture
async def place(folder: Path) -> AsyncGenerator[Place]:
    """An instance of its own: what its team asks for is no business of the other stories."""
    with outside(folder / "new-user-logs") as world:
        async with mail_server() as mail:
            settings = {"NIGHTDESK_LOG_ROOTS": str(world.services.logs), "NIGHTDESK_SMTP_URL": mail.url}
            with instance(folder / "new-user", **settings) as running:
                yield Place(running, mail, world)


@needs_chromium
@pytest.mark.timeout(300)
async def test_a_new_user_from_the_invitation_to_the_lost_phone(place: Place):
    url = place.running.url
    async with browser.windows() as open_window, place.running.owner() as olivia:
        await invite(await open_window(DESK), url)
        desk = await open_window(DESK)
        await join(desk, await link_in_the_mail(place.mail))

        orders = await house("orders", olivia, place.world)
        await orders.breaks()
        await orders.becomes("awaiting_approval")
        incident = f"{url}/incidents/{orders.incident}"
        phone = await open_window(PHONE)
        await sign_in(phone, incident, NINA, PASSWORD)
        await expect(approve_button(phone)).to_be_visible()

        await desk.goto(incident)
        await told_to_set_one_up(desk)
        authenticator, codes = await set_up(desk)
        await refused_with_the_password_alone(url, orders)
        await come_in_with_a_code(phone, authenticator)
        authenticator = await move_to_another_app(desk)
        await approve_with_a_code(phone, authenticator)
        await decided_by_nina(orders)

        await sign_out(desk)
        await come_back_without_the_phone(desk, url, codes[0])
        await asked_who_it_is(phone)
        _, fresh = await set_up(desk)
        assert not set(fresh) & set(codes)
        await expect(desk.get_by_text("10 of 10 left")).to_be_visible()


async def invite(page: Page, url: str) -> None:
    """Olivia asks her team for a second factor, and Nina to join it."""
    await sign_in(page, f"{url}/team", OWNER.email, OWNER.password)
    await page.get_by_label("Ask for a second factor before an approval").check()
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Saved.")).to_be_visible()

    await page.get_by_role("button", name="Invite somebody").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("E-mail").fill(NINA)
    await dialog.get_by_role("button", name="Invite", exact=True).click()
    await expect(page.get_by_text("A mail with the link is on its way.")).to_be_visible()


async def link_in_the_mail(mail: MailServer) -> str:
    await asyncio.wait_for(mail.arrived.wait(), PATIENCE_SECONDS)
    (letter,) = mail.letters
    assert letter["To"] == NINA
    found = re.search(r"http://\S+/invite/\S+", letter.get_content())
    assert found is not None, letter.get_content()
    return found[0]


async def join(page: Page, link: str) -> None:
    await page.goto(link)
    await page.get_by_label("Your name").fill("Nina")
    await page.get_by_label("New password").fill(PASSWORD)
    await page.get_by_role("button", name="Join", exact=True).click()
    await expect(menu(page)).to_be_visible()


def menu(page: Page) -> Locator:
    """Who is signed in, and the way out."""
    return page.get_by_role("button", name=re.compile("^Nina"))


def approve_button(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile("^Approve"))


async def told_to_set_one_up(page: Page) -> None:
    """Who may approve but has no second factor is told so, and where to get one."""
    await approve_button(page).click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("Your team asks for a second factor")).to_be_visible()
    await expect(dialog.get_by_role("button", name="Approve and run")).to_have_attribute("aria-disabled", "true")
    await dialog.get_by_role("link", name="Security").click()


async def set_up(page: Page) -> tuple[Authenticator, list[str]]:
    """The first authenticator, and the recovery codes that come with it."""
    authenticator = await enrol(page, "Set up an authenticator")
    written_down = page.get_by_role("dialog", name="Write these down")
    await expect(written_down.get_by_role("listitem")).to_have_count(10)
    codes = await written_down.get_by_role("listitem").all_inner_texts()
    await written_down.get_by_role("button", name="I have kept them").click()
    return authenticator, codes


async def enrol(page: Page, button: str) -> Authenticator:
    """The secret is what the page shows; a first code confirms it."""
    await page.get_by_role("button", name=button).click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("img")).to_be_visible()
    authenticator = Authenticator(await dialog.get_by_role("code").inner_text())
    await dialog.get_by_label("Code", exact=True).fill(authenticator.code())
    await dialog.get_by_role("button", name="Confirm").click()
    return authenticator


async def refused_with_the_password_alone(url: str, orders: House) -> None:
    """Whatever a client leaves out, the server asks when it comes to approving."""
    (action,) = await orders.actions()
    async with signed_in(url, Account(NINA, PASSWORD)) as client:
        with pytest.raises(Refused) as refused:
            await client.post(f"/api/actions/{action['id']}/approve", {"digest": action["digest"]})
    assert refused.value.problem_code == "mfa_required"
    assert (await orders.look())["status"] == "awaiting_approval"


async def come_in_with_a_code(page: Page, authenticator: Authenticator) -> None:
    """On the phone, where she was signed in before there was a second factor, and is no longer."""
    await asked_who_it_is(page)
    await enter_password(page, NINA, PASSWORD)
    await page.get_by_label("Code", exact=True).fill(authenticator.code())
    await page.get_by_role("button", name="Confirm").click()
    await expect(approve_button(page)).to_be_visible()


async def move_to_another_app(page: Page) -> Authenticator:
    """Adds a second authenticator and removes the first."""
    listed = page.get_by_role("listitem").filter(has_text=re.compile("^Authenticator"))
    name = await listed.locator("span").nth(1).inner_text()
    authenticator = await enrol(page, "Add another")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(listed).to_have_count(2)
    old = page.get_by_role("listitem").filter(has_text=name)
    await old.get_by_role("button", name="Remove").click()
    await old.get_by_role("button", name="Remove it").click()
    await expect(old).to_have_count(0)
    return authenticator


async def approve_with_a_code(page: Page, authenticator: Authenticator) -> None:
    """What she had shown on the phone went with the old authenticator: she is asked as she approves."""
    await approve_button(page).click()
    dialog = page.get_by_role("dialog")
    run = dialog.get_by_role("button", name="Approve and run")
    await run.click()
    await dialog.get_by_label("Code of your authenticator").fill(authenticator.code())
    await run.click()
    await expect(page.get_by_text("Approved. It runs once, now.")).to_be_visible()


async def asked_who_it_is(page: Page) -> None:
    """Live: nobody reloads the page."""
    await expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


async def decided_by_nina(orders: House) -> None:
    await orders.becomes("resolved")
    assert (await orders.look())["approved_by"] == NINA
    (action,) = await orders.actions()
    assert action["status"] == "succeeded"


async def sign_out(page: Page) -> None:
    await menu(page).click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await asked_who_it_is(page)


async def come_back_without_the_phone(page: Page, url: str, recovery_code: str) -> None:
    """The password alone opens nothing; a recovery code opens it and leads to where another authenticator is set up."""
    await sign_in(page, url, NINA, PASSWORD)
    await expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    await page.get_by_role("button", name="I have lost my phone").click()
    await page.get_by_label("Recovery code").fill(recovery_code)
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_text("Your password alone opens this account")).to_be_visible()
