"""Time-based one-time passwords (RFC 6238): secrets, their QR code, and which 30-second step a code belongs to."""

import hmac
import io
from datetime import datetime, timedelta

import segno
from pyotp import random_base32
from pyotp.hotp import HOTP
from pyotp.totp import TOTP

STEP = timedelta(seconds=30)
DIGITS = 6
# Clocks of phones are a little off: the code before and the one after count, too.
SKEW = 1


def new_secret() -> str:
    """160 random bits, in base32."""
    return random_base32(32)


def uri(secret: str, account: str, issuer: str) -> str:
    """What an authenticator app reads: otpauth://totp/…"""
    return TOTP(secret, name=account, issuer=issuer).provisioning_uri()


def qr_code(content: str) -> str:
    """The QR code as SVG that stays whole inside a data URI, where # would end it."""
    out = io.BytesIO()
    code = segno.make(content, micro=False, error="m")
    code.save(out, kind="svg", scale=4, border=4, dark="#000", light="#fff", xmldecl=False, nl=False)
    return out.getvalue().decode().replace('"#000"', '"black"').replace('"#fff"', '"white"')


def matching_step(secret: str, code: str, last_step: int | None, now: datetime) -> int | None:
    """The step whose code this is, if it is near enough and later than the last one that was taken. None: refused."""
    if len(code) != DIGITS or not (code.isascii() and code.isdigit()):
        return None
    generator = HOTP(secret)
    current = int(now.timestamp() // STEP.total_seconds())
    found = None
    for step in range(current - SKEW, current + SKEW + 1):
        # No early exit: how long this takes says nothing about which step it was.
        if hmac.compare_digest(generator.at(step), code) and (last_step is None or step > last_step):
            found = step
    return found
