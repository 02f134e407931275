"""One letter to one SMTP server, with the standard library in a thread."""

import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from backend.errors import Invalid, Unavailable
from backend.mail.letter import Post

TIMEOUT_SECONDS = 20.0
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True)
class Server:
    """Where mail is handed in. `smtp` uses TLS when it is offered, `smtp+starttls` insists, `smtps` starts with it."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str | None


class BadServer(Invalid):
    """NIGHTDESK_SMTP_URL is smtp://, smtp+starttls:// or smtps://, with user and password where needed."""

    code = "bad_smtp_url"


def parse_server(url: str) -> Server:
    """The server a URL names. Raises BadServer."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadServer() from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise BadServer()
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return Server(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], user, password)


def message(post: Post, sender: str) -> EmailMessage:
    """The letter as it goes over the wire; its id is the row's, so that a repeat can be told from a second letter."""
    mail = EmailMessage()
    name, address = parseaddr(sender)
    mail["From"] = Address(display_name=name, addr_spec=address)
    mail["To"] = Address(addr_spec=post.recipient)
    mail["Subject"] = " ".join(post.subject.split())
    mail["Date"] = format_datetime(post.created_at)
    mail["Message-ID"] = f"<{post.id}@{address.rpartition('@')[2] or 'nightdesk'}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(post.body)
    return mail


def send(server: Server, mail: EmailMessage) -> None:
    """Hands the letter in. Raises Unavailable; `retryable` says whether it may work later."""
    try:
        with _connect(server) as connection:
            if server.user is not None:
                connection.login(server.user, server.password or "")
            connection.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _ in error.recipients.values()}
        raise Unavailable(f"The mail server refuses the recipient: {codes}", retryable=min(codes) < 500) from error
    except smtplib.SMTPResponseException as error:
        text = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        raise Unavailable(
            f"The mail server answered {error.smtp_code}: {text[:300]}", retryable=error.smtp_code < 500
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(f"The mail server could not be reached: {error}") from error


def _connect(server: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.scheme == "smtps":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=context)
    connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.ehlo()
        if server.scheme == "smtp+starttls" or connection.has_extn("starttls"):
            connection.starttls(context=context)
    except BaseException:
        connection.close()
        raise
    return connection
