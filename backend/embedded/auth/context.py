"""What the auth edge works with: made once at start, handed to every verb."""

from dataclasses import dataclass

from backend.db import Database
from backend.embedded.auth.keys import ApiKeys
from backend.embedded.auth.mail import Mailer
from backend.embedded.auth.passwords import PasswordHasher
from backend.embedded.auth.sealing import Sealer
from backend.embedded.auth.tokens import Issuer
from backend.settings import Settings
from backend.tokens import TokenVerifier


@dataclass(frozen=True)
class Auth:
    """`refresh_key`, `code_key` and `captcha_key` never leave this process and its database."""

    db: Database
    settings: Settings
    issuer: Issuer
    verifier: TokenVerifier
    hasher: PasswordHasher
    keys: ApiKeys
    mailer: Mailer
    sealer: Sealer
    refresh_key: bytes
    code_key: bytes
    captcha_key: bytes
