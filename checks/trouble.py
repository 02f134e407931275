"""What went wrong with a connection, in words, and whose trouble it is: the target's, ours, or not to be told apart."""

import errno
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

# target: it is down. ours: we could not look. unclear: the same error comes from a dead target and from a dead network
# of our own; it is the target's only when our network is known to work.
Blame = Literal["target", "ours", "unclear"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no answer."""

    kind: str
    text: str
    blame: Blame = "target"


_OURS = {
    errno.EMFILE: "this process has no file descriptors left",
    errno.ENFILE: "this machine has no file descriptors left",
    errno.ENOBUFS: "this machine has no network buffers left",
    errno.ENOMEM: "this machine has no memory left",
    errno.ENETDOWN: "the network of this machine is down",
    errno.ENETUNREACH: "this machine has no route to that network",
    errno.EADDRNOTAVAIL: "this machine has no free local address or port",
    errno.EPERM: "this machine's firewall forbids the connection",
    errno.EACCES: "this machine does not allow the connection",
}
_TARGETS = {
    errno.ECONNREFUSED: ("refused", "connection refused"),
    errno.ECONNRESET: ("reset", "connection reset"),
    errno.EPIPE: ("reset", "connection closed while the request was sent"),
    errno.ETIMEDOUT: ("timeout", "no answer to the connection attempt"),
}
# Resolver errors that say "there is no such name"; the others say that the resolver did not do its work.
_NO_SUCH_NAME = {
    getattr(socket, name) for name in ("EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY") if hasattr(socket, name)
}


def diagnose(error: BaseException, where: str) -> Trouble:
    """Finds the cause in the chain of exceptions. `where`: host:port, for the text."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Trouble("certificate", f"TLS certificate of {where}: {cause.verify_message}")
        if isinstance(cause, ssl.SSLError):
            reason = (getattr(cause, "reason", None) or str(cause)).replace("_", " ").lower()
            return Trouble("tls", f"TLS handshake with {where} failed: {reason}")
        if isinstance(cause, socket.gaierror):
            return _resolver(cause, where)
        if isinstance(cause, OSError) and cause.errno is not None:
            return _socket(cause.errno, where)
    return Trouble("protocol", f"{where}: {_sentence(error)}")


def _socket(number: int, where: str) -> Trouble:
    if number in _OURS:
        return Trouble("local", f"{_OURS[number]} ({where})", "ours")
    if number == errno.EHOSTUNREACH:
        return Trouble("no_route", f"no route to {where}", "unclear")
    kind, text = _TARGETS.get(number, ("socket", errno.errorcode.get(number, str(number))))
    return Trouble(kind, f"{text} ({where})")


def _resolver(error: socket.gaierror, where: str) -> Trouble:
    if error.errno in _NO_SUCH_NAME:
        return Trouble("dns", f"the name does not resolve: {where}")
    return Trouble("dns", f"the name could not be resolved, the resolver did not answer: {where}", "unclear")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, the members of groups one by one."""
    pending: list[BaseException] = [error]
    seen: set[int] = set()
    while pending:
        cause = pending.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        if isinstance(cause, BaseExceptionGroup):
            pending += cause.exceptions
        pending += [inner for inner in (cause.__cause__, cause.__context__) if inner is not None]


def _sentence(error: BaseException) -> str:
    return str(error).strip()[:300] or type(error).__name__
