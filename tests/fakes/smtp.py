"""A mail server on loopback: takes letters, or refuses them the way it is told to."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailServer:
    """`letters`: what came in. `refuses`: an answer to RCPT TO other than 250."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    refuses: str | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test ready\r\n")
        try:
            while line := await reader.readline():
                verb = line.split()[0].upper() if line.split() else b""
                if verb == b"DATA":
                    writer.write(b"354 go on\r\n")
                    self._take(await reader.readuntil(b"\r\n.\r\n"))
                writer.write(self._answer(verb))
                await writer.drain()
                if verb == b"QUIT":
                    break
        finally:
            writer.close()

    def _take(self, data: bytes) -> None:
        letter = message_from_bytes(data.removesuffix(b".\r\n"), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.arrived.set()

    def _answer(self, verb: bytes) -> bytes:
        if verb == b"RCPT" and self.refuses:
            return self.refuses.encode() + b"\r\n"
        return b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n"


@asynccontextmanager
async def mail_server() -> AsyncGenerator[MailServer]:
    mail = MailServer()
    server = await asyncio.start_server(mail.converse, "127.0.0.1", 0)
    mail.port = server.sockets[0].getsockname()[1]
    try:
        yield mail
    finally:
        server.close()
        await server.wait_closed()
