"""Mail: sent once, after the commit of what it tells about; refused and unreachable servers; its text does not stay."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from pydantic import SecretStr
from sqlalchemy import Row, text

from backend.deps import Deps
from backend.errors import Unavailable
from backend.mail import service, smtp
from backend.mail.letter import PlainLetter
from backend.mail.smtp import BadServer, Server, parse_server
from backend.notification import worker
from tests.fakes.smtp import MailServer, mail_server

LETTER = PlainLetter(
    "dora@example.org", "invitation", "Join us\r\nBcc: all@example.org", "Follow https://x/invite/t0k3n\n"
)


@pytest.fixture
async def server() -> AsyncGenerator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest.fixture
def mailing(deps: Deps, server: MailServer) -> Deps:
    return replace(deps, settings=deps.settings.model_copy(update={"smtp_url": SecretStr(server.url)}))


async def posted(deps: Deps) -> str:
    async with deps.db.transaction() as session:
        return str(await service.post(session, LETTER, deps.clock.now()))


async def row(deps: Deps) -> Row[tuple[object, ...]]:
    async with deps.db.transaction() as session:
        return (await session.execute(text("select sent_at, failed_at, error, body from mail_outbox"))).one()


async def test_the_worker_delivers_what_was_committed(mailing: Deps, server: MailServer):
    await posted(mailing)
    stop = asyncio.Event()
    working = asyncio.create_task(worker.run(mailing, stop))
    await asyncio.wait_for(server.arrived.wait(), 30)
    stop.set()
    await working
    (letter,) = server.letters
    assert (letter["To"], letter["Subject"]) == ("dora@example.org", "Join us Bcc: all@example.org")
    assert letter["Bcc"] is None
    assert "https://x/invite/t0k3n" in letter.get_content()
    assert (await row(mailing)).body is None


async def test_it_is_sent_once(mailing: Deps, server: MailServer):
    mail_id = await posted(mailing)
    await service.deliver(mailing, mail_id=mail_id)
    await service.deliver(mailing, mail_id=mail_id)
    assert len(server.letters) == 1
    assert (await row(mailing)).sent_at == mailing.clock.now()


@pytest.mark.parametrize(("answer", "again"), [("550 no such user", False), ("451 try later", True)])
async def test_a_refusal_for_good_is_noted_and_one_for_now_is_tried_again(
    mailing: Deps, server: MailServer, answer: str, again: bool
):
    server.refuses = answer
    mail_id = await posted(mailing)
    if again:
        with pytest.raises(Unavailable):
            await service.deliver(mailing, mail_id=mail_id)
        assert (await row(mailing)).body is not None
        server.refuses = None
        await service.deliver(mailing, mail_id=mail_id)
        assert len(server.letters) == 1
        return
    await service.deliver(mailing, mail_id=mail_id)
    noted = await row(mailing)
    assert (noted.failed_at, noted.body) == (mailing.clock.now(), None)
    assert "550" in str(noted.error)


async def test_without_a_server_it_says_so(deps: Deps):
    await service.deliver(deps, mail_id=await posted(deps))
    assert "NIGHTDESK_SMTP_URL" in str((await row(deps)).error)


async def test_a_server_that_is_not_there_can_be_tried_again():
    with pytest.raises(Unavailable) as refused:
        await asyncio.to_thread(smtp.send, Server("smtp", "127.0.0.1", 1, None, None), smtp.EmailMessage())
    assert refused.value.retryable


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail", Server("smtp", "mail", 25, None, None)),
        ("smtps://u%40x:p%2F@mail:4465", Server("smtps", "mail", 4465, "u@x", "p/")),
        ("smtp+starttls://mail", Server("smtp+starttls", "mail", 587, None, None)),
    ],
)
def test_servers_as_urls(url: str, server: Server):
    assert parse_server(url) == server


@pytest.mark.parametrize("url", ["http://mail", "mail:25", "smtp://", "smtp://mail:x"])
def test_what_is_no_server(url: str):
    with pytest.raises(BadServer):
        parse_server(url)
