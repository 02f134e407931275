"""Guessing: it gets slower, then costs work, then ends, for the account and for the address, and not for others."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from altcha.v1 import Challenge, Payload, solve_challenge

from tests.embedded.auth.calls import call, refused
from tests.embedded.conftest import PASSWORD, Edge, running
from tests.support.server import TestServer

HOUR = "interval '1 hour'"
WRONG = "not it"
MINUTE = "interval '1 minute'"


@pytest.fixture(scope="module")
def edge(postgres_server: TestServer) -> Generator[Edge]:
    """An edge behind a proxy, with the usual limits and easy CAPTCHAs."""
    usual = {"signin_delay_after_failures": 3, "captcha_after_failures": 5, "signin_block_after_failures": 30}
    with (
        postgres_server.database() as url,
        running(url, **usual, captcha_max_number=500, trusted_proxies="127.0.0.1/32") as edge,
    ):
        yield edge


def attempt(edge: Edge, email: str, password: str = WRONG, ip: str = "198.51.100.1", **security: Any) -> httpx.Response:
    body = {"email": email, "password": password, "gotrue_meta_security": security}
    return call(edge, "POST", "/token?grant_type=password", json=body, headers={"x-forwarded-for": ip})


def time_passes(edge: Edge, span: str) -> None:
    edge.sql(f"update login_attempts set created_at = created_at - {span}")
    edge.sql(f"update blocked_ips set blocked_until = blocked_until - {span}")


def solution(edge: Edge) -> str:
    given = call(edge, "GET", "/captcha").raise_for_status().json()
    challenge = Challenge(given["algorithm"], given["challenge"], given["maxnumber"], given["salt"], given["signature"])
    solved = solve_challenge(challenge)
    assert solved is not None
    return Payload(given["algorithm"], given["challenge"], solved.number, given["salt"], given["signature"]).to_base64()


def fail(edge: Edge, email: str, times: int, ip: str = "198.51.100.1") -> None:
    for _ in range(times):
        assert refused(attempt(edge, email, ip=ip)) == (400, "invalid_credentials")
        time_passes(edge, MINUTE)


def test_an_account_waits_longer_with_each_failure(edge: Edge) -> None:
    edge.person("ada@example.org")
    for _ in range(3):
        assert refused(attempt(edge, "ada@example.org")) == (400, "invalid_credentials")
    held = attempt(edge, "ADA@example.org ", PASSWORD, ip="203.0.113.9")
    assert refused(held) == (429, "over_request_rate_limit")
    assert held.headers["retry-after"] == "1"
    time_passes(edge, MINUTE)
    assert attempt(edge, "ada@example.org", PASSWORD).status_code == 200
    assert refused(attempt(edge, "ada@example.org")) == (400, "invalid_credentials")


def test_an_unknown_address_waits_as_a_known_one_does(edge: Edge) -> None:
    for _ in range(3):
        assert refused(attempt(edge, "nobody@example.org", ip="198.51.100.2")) == (400, "invalid_credentials")
    # The wait is a second, and a busy machine may take that long to ask.
    time_passes(edge, "interval '-5 seconds'")
    assert attempt(edge, "nobody@example.org", ip="198.51.100.2").status_code == 429


def test_many_guesses_at_once_count_as_many(edge: Edge) -> None:
    edge.person("bob@example.org")
    with ThreadPoolExecutor(12) as guessers:
        answers = list(guessers.map(lambda _: attempt(edge, "bob@example.org", ip="198.51.100.3"), range(12)))
    assert sorted(answer.status_code for answer in answers) == [400] * 3 + [429] * 9


def test_after_five_failures_it_takes_work_which_counts_once(edge: Edge) -> None:
    edge.person("carol@example.org")
    fail(edge, "carol@example.org", 5, ip="198.51.100.4")
    assert refused(attempt(edge, "carol@example.org", PASSWORD, ip="198.51.100.4")) == (400, "captcha_failed")
    work = solution(edge)
    again = {"ip": "198.51.100.4", "captcha_token": work}
    assert refused(attempt(edge, "carol@example.org", "wrong", **again)) == (400, "invalid_credentials")
    time_passes(edge, MINUTE)
    assert refused(attempt(edge, "carol@example.org", PASSWORD, **again)) == (400, "captcha_failed")
    time_passes(edge, MINUTE)
    fresh = {"ip": "198.51.100.4", "captcha_token": solution(edge)}
    assert attempt(edge, "carol@example.org", PASSWORD, **fresh).status_code == 200


@pytest.mark.parametrize("token", ["", "nonsense", "e30=", "bnVsbA==", "W10=", "x" * 4000])
def test_invented_work_counts_for_nothing(edge: Edge, token: str) -> None:
    email = f"n{len(token)}{token[:3].lower()}@example.org"
    fail(edge, email, 5, ip=f"198.51.100.{20 + len(token) % 50}")
    given = {"ip": "203.0.113.77", "captcha_token": token}
    assert refused(attempt(edge, email, **given)) == (400, "captcha_failed")


def test_an_address_that_goes_on_is_shut_out_for_a_while_and_others_are_not(edge: Edge) -> None:
    dave = edge.person("dave@example.org")
    thief = "2001:db8:bad::1"
    edge.sql(
        "insert into login_attempts (created_at, email, ip_address, outcome)"
        " select now() - interval '2 minutes', 'n' || n, '2001:db8:bad::2', 'failed' from generate_series(1, 30) n"
    )
    shut = attempt(edge, dave.email, PASSWORD, ip=thief, captcha_token=solution(edge))
    assert refused(shut) == (403, "ip_blocked")
    assert int(shut.headers["retry-after"]) > 3500
    assert refused(attempt(edge, dave.email, PASSWORD, ip="2001:db8:bad::3")) == (403, "ip_blocked")
    body = {"email": dave.email}
    recover = call(edge, "POST", "/recover", json=body, headers={"x-forwarded-for": thief})
    assert refused(recover) == (403, "ip_blocked")
    assert attempt(edge, dave.email, PASSWORD, ip="2001:db8:600d::1").status_code == 200
    time_passes(edge, HOUR)
    assert attempt(edge, dave.email, PASSWORD, ip=thief).status_code == 200


def test_an_untrusted_proxy_cannot_change_the_address(edge: Edge) -> None:
    for number in range(3):
        attempt(edge, "erin@example.org", ip=f"1.2.3.{number}, 192.0.2.5")
    stored = edge.sql("select distinct host(ip_address) from login_attempts where email = 'erin@example.org'")
    assert stored == [("192.0.2.5",)]


def test_the_list_of_attempts_says_what_came_of_them(edge: Edge) -> None:
    frank = edge.person("frank@example.org")
    attempt(edge, frank.email, ip="192.0.2.6")
    attempt(edge, frank.email, PASSWORD, ip="192.0.2.6")
    attempt(edge, "frаnk@example.org\0", ip="192.0.2.6")
    outcomes = edge.sql("select email, outcome, user_id from login_attempts where ip_address = '192.0.2.6' order by id")
    assert outcomes == [
        (frank.email, "failed", None),
        (frank.email, "succeeded", frank.id),
        ("fr?nk@example.org?", "failed", None),
    ]
