"""Asks our own /readyz without blocking the loop that also restarts children and passes on their logs."""

import json
import os
import socket
from typing import cast

# Where to reach a socket that listens on every address.
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
REQUEST = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Question:
    """One GET /readyz under way. Readable when there is (more of) an answer."""

    def __init__(self, door: socket.socket) -> None:
        host, port = door.getsockname()[:2]
        # A connection to our own listening socket waits in its queue until the API takes it.
        self._socket = socket.create_connection((LOOPBACK.get(host, host), port), timeout=1)
        self._socket.sendall(REQUEST)
        self._socket.setblocking(False)
        self._answer = b""

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def missing(self) -> list[str] | None:
        """None: not answered yet. Empty: ready. Otherwise what is missing."""
        try:
            while part := self._socket.recv(65536):
                self._answer += part
        except BlockingIOError:
            return None
        except OSError as error:
            return [os.strerror(error.errno or 0)]
        return _parse(self._answer)


def _parse(answer: bytes) -> list[str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    if head.split(b" ")[1:2] == [b"200"]:
        return []
    try:
        return cast(list[str], json.loads(body)["missing"])
    except (ValueError, KeyError, TypeError):
        return ["the API does not answer as it should"]
