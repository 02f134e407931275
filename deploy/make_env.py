#!/usr/bin/env python3
"""Writes .env for docker-compose.yml: random secrets, and the keys that Supabase signs with; keeps what is there.

Needs Python and openssl, nothing else: it runs before anything is installed.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

DEFAULT = Path(__file__).parents[1] / ".env"
DOCKER_SOCKET = Path("/var/run/docker.sock")
# Keys for programs, not for people: they live as long as the installation.
KEYS_LIVE_SECONDS = 10 * 365 * 24 * 3600
# Made together, because they are signed with one another.
SIGNED = (
    "JWT_SECRET",
    "JWT_KEYS",
    "JWT_JWKS",
    "SUPABASE_ANON_KEY",
    "SUPABASE_SERVICE_ROLE_KEY",
    "REALTIME_HEALTH_TOKEN",
)
HEADER = (
    "# Secrets of docker-compose.yml, made by `make env`. Keep this file out of git and backups that others can read.\n"
)


def main(path: Path) -> int:
    """Adds what is missing to the file; it is readable by its owner only from the first byte."""
    present = read(path)
    missing = {name: value for name, value in plain().items() if name not in present}
    absent = [name for name in SIGNED if name not in present]
    if absent and len(absent) < len(SIGNED):
        sys.stderr.write(
            f"{path} has some of {', '.join(SIGNED)}, but not {', '.join(absent)}. They belong together: "
            "remove all of them and run `make env` again.\n"
        )
        return 1
    if absent:
        missing |= signed()
    if not missing:
        print(f"{path} is complete; nothing was changed.")
        return 0
    write(path, missing)
    print(f"{path}: wrote {', '.join(missing)}.")
    return 0


def read(path: Path) -> set[str]:
    """The names that the file gives a value."""
    lines = path.read_text().splitlines() if path.exists() else []
    pairs = (line.partition("=") for line in lines if not line.lstrip().startswith("#"))
    return {name.strip() for name, _, value in pairs if value.strip(" '\"")}


def write(path: Path, values: dict[str, str]) -> None:
    old = path.read_text() if path.exists() else HEADER
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(old if not old or old.endswith("\n") else f"{old}\n")
        # Single quotes: Compose takes what is in them as it is.
        file.writelines(f"{name}='{value}'\n" for name, value in values.items())
    unfinished.rename(path)


def plain() -> dict[str, str]:
    """What depends on nothing else."""
    group = DOCKER_SOCKET.stat().st_gid if DOCKER_SOCKET.exists() else 0
    return {
        "PUBLIC_URL": "http://127.0.0.1:8700",
        "DOCKER_GID": str(group),
        "POSTGRES_PASSWORD": secrets.token_hex(24),
        "REALTIME_DB_ENC_KEY": secrets.token_hex(8),
        "REALTIME_SECRET_KEY_BASE": secrets.token_hex(32),
    }


def signed() -> dict[str, str]:
    """The signing key of user tokens (ES256), its public half, and the tokens that are signed with it."""
    secret = secrets.token_hex(32)
    with tempfile.TemporaryDirectory() as folder:
        pem = Path(folder) / "key.pem"
        pem.touch(0o600)
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(pem))
        key = jwk(openssl("ec", "-in", str(pem), "-text", "-noout").decode())
        public = {**{name: value for name, value in key.items() if name != "d"}, "key_ops": ["verify"]}
        return {
            "JWT_SECRET": secret,
            "JWT_KEYS": compact([key]),
            "JWT_JWKS": compact({"keys": [public]}),
            "SUPABASE_ANON_KEY": es256(pem, key["kid"], "anon"),
            "SUPABASE_SERVICE_ROLE_KEY": es256(pem, key["kid"], "service_role"),
            "REALTIME_HEALTH_TOKEN": hs256(secret, "anon"),
        }


def openssl(*arguments: str, given: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True).stdout


def jwk(text: str) -> dict[str, object]:
    """The private key as a JWK (RFC 7517), from what `openssl ec -text` prints."""
    parts: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith(" "):
            parts[name] = parts.get(name, "") + line.strip().replace(":", "")
        else:
            name = line.partition(":")[0]
    private = int(parts["priv"], 16).to_bytes(32, "big")
    # An uncompressed point: 04, x, y.
    point = bytes.fromhex(parts["pub"])
    kid = str(uuid.uuid4())
    names = {"kty": "EC", "kid": kid, "use": "sig", "key_ops": ["sign", "verify"], "alg": "ES256", "crv": "P-256"}
    return {**names, "x": b64(point[1:33]), "y": b64(point[33:65]), "d": b64(private)}


def es256(pem: Path, kid: object, role: str) -> str:
    message = f"{b64(compact({'alg': 'ES256', 'kid': kid, 'typ': 'JWT'}))}.{b64(compact(claims(role)))}"
    return f"{message}.{b64(raw_signature(openssl('dgst', '-sha256', '-sign', str(pem), given=message.encode())))}"


def raw_signature(der: bytes) -> bytes:
    """r and s, 32 bytes each, as a JWT has them; openssl writes SEQUENCE { INTEGER r, INTEGER s }."""
    r_length = der[3]
    r = int.from_bytes(der[4 : 4 + r_length], "big")
    s = int.from_bytes(der[6 + r_length :], "big")
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def hs256(secret: str, role: str) -> str:
    message = f"{b64(compact({'alg': 'HS256', 'typ': 'JWT'}))}.{b64(compact(claims(role)))}"
    return f"{message}.{b64(hmac.new(secret.encode(), message.encode(), hashlib.sha256).digest())}"


def claims(role: str) -> dict[str, object]:
    now = int(time.time())
    return {"role": role, "iss": "supabase", "iat": now, "exp": now + KEYS_LIVE_SECONDS}


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def b64(value: bytes | str) -> str:
    data = value.encode() if isinstance(value, str) else value
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT))
