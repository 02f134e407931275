"""What is kept of an answer from outside shows no secret and hides nothing from the eye."""

import time

import pytest

from actions.excerpt import HIDDEN, excerpt


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer abcdefghijklmnopqr",
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "ghp_0123456789abcdefghij",
        "AKIAABCDEFGHIJKLMNOP",
        'password="hunter22 and more"',
        "DB_PASSWORD=hunter22",
        '{"api_key": "hunter22"}',
        "postgresql://app:hunter22@db/app",
        "-----BEGIN PRIVATE KEY-----\nhunter22\n-----END PRIVATE KEY-----",
    ],
)
def test_secrets_are_hidden(secret: str):
    text = excerpt(f"before {secret} after".encode())
    assert HIDDEN in text
    assert "hunter22" not in text
    assert secret not in text


def test_what_was_sent_is_hidden_when_it_comes_back():
    assert "s3cr3t-token" not in excerpt(b"you sent s3cr3t-token", ["Bearer s3cr3t-token"])


def test_nothing_invisible_is_kept():
    text = excerpt("a\x00b\u202ec\u200bd\x1b[31me".encode())
    assert text.isprintable()


def test_garbage_is_text_and_short():
    assert len(excerpt(bytes(range(256)) * 1000)) < 2000


@pytest.mark.parametrize("piece", [b"a.", b"eyJaaaaaaaa-", b"token", b"://a:", b"password=", b"'"])
def test_no_answer_takes_long_to_read(piece: bytes):
    started = time.perf_counter()
    excerpt(piece * 20_000)
    assert time.perf_counter() - started < 1
