"""Asking for letters: many cost work, whoever the address belongs to; and strangers who sign up learn of nobody."""

import re
from collections.abc import Generator
from typing import Any

import httpx
import pytest

from tests.embedded.auth.calls import call, code_for, letters, refused, sign_in
from tests.embedded.auth.test_abuse import solution
from tests.embedded.conftest import PASSWORD, Edge, running
from tests.support.server import TestServer

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+(Z|\+00:00)")


@pytest.fixture(scope="module")
def open_edge(postgres_server: TestServer) -> Generator[Edge]:
    """An edge where strangers may make accounts, and which asks for work after three letters."""
    limits: dict[str, Any] = {"captcha_after_failures": 3, "captcha_max_number": 500, "trusted_proxies": "127.0.0.1/32"}
    with postgres_server.database() as url, running(url, signup_open=True, **limits) as edge:
        yield edge


def post(edge: Edge, path: str, ip: str, captcha_token: str | None = None, **body: Any) -> httpx.Response:
    security = {"gotrue_meta_security": {"captcha_token": captcha_token}} if captcha_token else {}
    return call(edge, "POST", path, json={**body, **security}, headers={"x-forwarded-for": ip})


@pytest.mark.parametrize(("path", "number"), [("/recover", 1), ("/otp", 2), ("/resend", 3), ("/signup", 4)])
def test_the_fourth_letter_costs_work_with_and_without_an_account(open_edge: Edge, path: str, number: int) -> None:
    known = f"known{number}@example.org"
    open_edge.person(known)
    answers: list[list[Any]] = []
    for email, ip in ((known, f"192.0.2.{number}"), (f"un{known}", f"192.0.2.{number + 100}")):
        body = {"email": email, **({"password": PASSWORD} if path == "/signup" else {})}
        asked = [post(open_edge, path, ip, **body) for _ in range(4)]
        worked = post(open_edge, path, ip, solution(open_edge), **body)
        answers.append([(a.status_code, a.json().get("code")) for a in (*asked, worked)])
    assert answers[0] == answers[1] == [(200, None)] * 3 + [(400, "captcha_failed"), (200, None)]
    outcomes = open_edge.sql("select outcome, count(*) from login_attempts where email = %s group by 1", known)
    assert sorted(outcomes) == [("captcha_required", 1), ("code_requested", 4)]


def test_letters_to_many_addresses_cost_work_too_and_shut_nobody_out(open_edge: Edge) -> None:
    flood = [post(open_edge, "/recover", "198.51.100.7", email=f"n{n}@example.org") for n in range(15)]
    assert {answer.status_code for answer in flood} == {200}
    open_edge.sql("update login_attempts set created_at = created_at - interval '3 s'")
    assert refused(post(open_edge, "/recover", "198.51.100.7", email="n99@example.org")) == (400, "captcha_failed")
    ada = open_edge.person("ada@example.org")
    body = {"email": ada.email, "password": PASSWORD}
    assert post(open_edge, "/token?grant_type=password", "198.51.100.7", **body).status_code == 200


def test_a_stranger_makes_an_account_and_is_in_no_team(open_edge: Edge) -> None:
    made = post(open_edge, "/signup", "192.0.2.50", email="Nora@Example.org", password=PASSWORD, data={"name": "Nora"})
    assert made.status_code == 200
    user = made.json()
    assert (user["email"], user["user_metadata"]["name"]) == ("nora@example.org", "Nora")
    body = {"email": "nora@example.org", "password": PASSWORD}
    assert refused(post(open_edge, "/token?grant_type=password", "192.0.2.50", **body)) == (400, "email_not_confirmed")
    given = {"type": "signup", "email": "nora@example.org", "token": code_for(open_edge, user["email"], "code_signup")}
    session = post(open_edge, "/verify", "192.0.2.50", **given).raise_for_status().json()
    assert session["user"]["id"] == user["id"]
    sign_in(open_edge, "nora@example.org")
    assert open_edge.sql("select 1 from team_members where user_id = %s", user["id"]) == []
    told = open_edge.sql("select action, actor, host(ip_address) from audit_logs where actor_id = %s", user["id"])
    assert told == [
        ("session.sign_in", "nora@example.org", "192.0.2.50"),
        ("session.sign_in", "nora@example.org", "127.0.0.1"),
    ]


def test_a_taken_address_is_answered_as_a_new_one(open_edge: Edge) -> None:
    taken = open_edge.person("taken@example.org")
    answers: list[str] = []
    for email in ("fresh@example.org", "taken@example.org", "fresh@example.org"):
        answer = post(open_edge, "/signup", "192.0.2.60", email=email, password="another long one", data={"name": "N"})
        assert answer.status_code == 200
        answers.append(TIME.sub("T", UUID.sub("U", answer.text)).replace("taken@", "fresh@"))
    assert answers[0] == answers[1] == answers[2]
    assert letters(open_edge, taken.email) == []
    sign_in(open_edge, taken.email)


def test_closed_sign_up_is_refused_whoever_asks(edge: Edge) -> None:
    known = edge.person("closed@example.org")
    for email in (known.email, "unclosed@example.org"):
        answer = call(edge, "POST", "/signup", json={"email": email, "password": PASSWORD})
        assert refused(answer) == (422, "signup_disabled")
    assert edge.sql("select 1 from auth.users where email = 'unclosed@example.org'") == []
    assert call(edge, "GET", "/settings").json()["disable_signup"] is True


def test_a_sign_in_by_code_and_a_new_password_are_on_record(edge: Edge) -> None:
    mia = edge.person("mia@example.org")
    call(edge, "POST", "/recover", json={"email": mia.email})
    given = {"type": "recovery", "email": mia.email, "token": code_for(edge, mia.email, "code_recovery")}
    session = call(edge, "POST", "/verify", json=given).raise_for_status().json()
    call(edge, "PUT", "/user", token=session["access_token"], json={"password": "a new one, longer"}).raise_for_status()
    told = edge.sql("select action, actor from audit_logs where actor_id = %s order by seq", mia.id)
    assert told == [("session.sign_in", mia.email), ("account.password", mia.email)]
