"""Whose trouble it is: a table of causes, however deep in the chain."""

import errno
import socket
import ssl

import httpx
import pytest

from checks.trouble import Blame, diagnose


def verification_error() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "certificate has expired"
    return error


@pytest.mark.parametrize(
    ("cause", "kind", "blame"),
    [
        (OSError(errno.ECONNREFUSED, "x"), "refused", "target"),
        (OSError(errno.ECONNRESET, "x"), "reset", "target"),
        (OSError(errno.ETIMEDOUT, "x"), "timeout", "target"),
        (OSError(errno.EMFILE, "x"), "local", "ours"),
        (OSError(errno.ENFILE, "x"), "local", "ours"),
        (OSError(errno.ENETUNREACH, "x"), "local", "ours"),
        (OSError(errno.ENETDOWN, "x"), "local", "ours"),
        (OSError(errno.EADDRNOTAVAIL, "x"), "local", "ours"),
        (OSError(errno.EHOSTUNREACH, "x"), "no_route", "unclear"),
        (socket.gaierror(socket.EAI_NONAME, "x"), "dns", "target"),
        (socket.gaierror(socket.EAI_AGAIN, "x"), "dns", "unclear"),
        (socket.gaierror(socket.EAI_FAIL, "x"), "dns", "unclear"),
        (verification_error(), "certificate", "target"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), "tls", "target"),
        (ValueError("something else"), "protocol", "target"),
    ],
)
def test_the_cause_is_found_however_deep(cause: Exception, kind: str, blame: Blame):
    middle = OSError("All connection attempts failed")
    middle.__cause__ = ExceptionGroup("several", [cause])
    outer = httpx.ConnectError("All connection attempts failed")
    outer.__cause__ = middle
    for error in (cause, outer):
        found = diagnose(error, "shop:443")
        assert (found.kind, found.blame) == (kind, blame)
        assert "shop:443" in found.text


def test_a_loop_in_the_chain_ends():
    one, two = OSError("one"), OSError("two")
    one.__cause__, two.__cause__ = two, one
    assert diagnose(one, "shop:443").kind == "protocol"
