"""A team's secret patterns: who may see and change them, and what is refused."""

from collections.abc import Awaitable, Callable

import httpx

from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]
PATH = "/api/secret-patterns"


async def test_an_admin_adds_lists_and_removes_them(api: httpx.AsyncClient, sign_in: SignIn):
    alice = await sign_in("alice@example.org", "admin")
    made = await api.post(PATH, json={"name": "order", "pattern": r"ACME-\d{6}"}, headers=alice.headers)
    assert (made.status_code, made.json()["created_by"]) == (201, "alice@example.org")
    taken = await api.post(PATH, json={"name": "order", "pattern": "x1"}, headers=alice.headers)
    assert (taken.status_code, taken.json()["code"]) == (409, "pattern_name_taken")
    bad = await api.post(PATH, json={"name": "all", "pattern": ".+"}, headers=alice.headers)
    assert (bad.status_code, bad.json()["code"]) == (422, "bad_pattern")
    (listed,) = (await api.get(PATH, headers=alice.headers)).json()["items"]
    assert listed == made.json()
    gone = await api.delete(f"{PATH}/{listed['id']}", headers=alice.headers)
    assert gone.status_code == 204
    assert (await api.delete(f"{PATH}/{listed['id']}", headers=alice.headers)).status_code == 404


async def test_a_pattern_is_tried_before_it_counts(api: httpx.AsyncClient, sign_in: SignIn):
    alice = await sign_in("alice@example.org", "admin")
    sample = "order ACME-123456 for ACME"
    tried = await api.post(f"{PATH}/try", json={"pattern": r"ACME-\d{6}", "sample": sample}, headers=alice.headers)
    assert tried.json() == {"shown": "order [redacted] for ACME"}
    bad = await api.post(f"{PATH}/try", json={"pattern": "(", "sample": sample}, headers=alice.headers)
    assert (bad.status_code, bad.json()["code"]) == (422, "bad_pattern")
    assert (await api.get(PATH, headers=alice.headers)).json()["items"] == []


async def test_twenty_are_enough(api: httpx.AsyncClient, sign_in: SignIn):
    alice = await sign_in("alice@example.org", "admin")
    answers = [
        await api.post(PATH, json={"name": f"n{n}", "pattern": f"x{n}y"}, headers=alice.headers) for n in range(21)
    ]
    assert [answer.status_code for answer in answers] == [201] * 20 + [409]
    assert answers[-1].json()["code"] == "too_many_patterns"
