"""The listening socket of the HTTP door. The supervisor keeps it, so that connections wait while the API restarts."""

import errno
import socket

from backend.errors import Unavailable

BACKLOG = 2048


class PortTaken(Unavailable):
    """The port is in use by another program."""

    code = "port_taken"


def listen(host: str, port: int) -> socket.socket:
    """Binds and listens. Raises PortTaken, or Unavailable with what to check."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(f"Port {port} on {host} is in use. Choose another with --port.", retryable=False) from None
        reason = f"Cannot listen on {host} port {port}: {error.strerror}. Check --port and NIGHTDESK_HOST."
        raise Unavailable(reason, retryable=False) from None
