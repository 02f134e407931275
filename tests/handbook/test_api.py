"""Runbooks over HTTP: written, found, changed safely, imported; those of a team and those that come along."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy.dialects import postgresql

from backend.handbook.builtin import builtins
from backend.handbook.reading import candidates
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]
NEW: dict[str, Any] = {
    "title": "Orders lose their database",
    "categories": ["dependency_failure"],
    "targets": ["orders-*"],
    "body_md": "Look at the pgbouncer first. Then <script>alert(1)</script>.",
}


@pytest.fixture
async def rita(sign_in: SignIn) -> SignedIn:
    return await sign_in("rita@example.org", "responder")


async def found(api: httpx.AsyncClient, who: SignedIn, **params: Any) -> list[dict[str, Any]]:
    answer = await api.get("/api/runbooks", params=params, headers=who.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_a_runbook_is_written_found_changed_and_removed(api: httpx.AsyncClient, rita: SignedIn):
    made = await api.post("/api/runbooks", json=NEW, headers=rita.headers)
    assert made.status_code == 201, made.text
    book = made.json()
    path = f"/api/runbooks/{book['id']}"
    assert (book["slug"], book["version"], book["builtin"]) == ("orders-lose-their-database", 1, False)
    assert book["updated_by"] == "rita@example.org"
    assert (await api.get(path, headers=rita.headers)).json() == book

    for q in ("pgbouncer", "databases", "lose their data", '"look at the pgbouncer"'):
        assert (await found(api, rita, q=q))[0]["id"] == book["id"], q
    assert book["id"] in [b["id"] for b in await found(api, rita, q="dependency failure")]
    for q in ("pgbouncer -database", "pgbouncer -databases", "pgbouncer -losing"):
        assert book["id"] not in [b["id"] for b in await found(api, rita, q=q)], q
    assert (await found(api, rita, category="dependency_failure"))[0]["id"] == book["id"]

    changed = await api.patch(path, json={"base_version": 1, "title": "Orders, no database"}, headers=rita.headers)
    assert (changed.json()["version"], changed.json()["body_md"]) == (2, NEW["body_md"])
    late = await api.patch(path, json={"base_version": 1, "title": "Mine"}, headers=rita.headers)
    assert (late.status_code, late.json()["code"], late.json()["current_version"]) == (409, "version_conflict", 2)
    again = await api.post("/api/runbooks", json=NEW, headers=rita.headers)
    assert (again.status_code, again.json()["code"]) == (409, "runbook_slug_taken")

    assert (await api.delete(path, headers=rita.headers)).status_code == 204
    assert (await api.get(path, headers=rita.headers)).status_code == 404


async def test_a_search_for_anything_is_an_answer(api: httpx.AsyncClient, rita: SignedIn):
    for q in ("'", '"', "& | ! <-> ()", ":*", "the", "%", "\\", "-", "x" * 200, "' or 1=1 --"):
        await found(api, rita, q=q)


async def test_all_are_listed_page_by_page_and_each_once(api: httpx.AsyncClient, rita: SignedIn):
    for number in range(5):
        await api.post("/api/runbooks", json={**NEW, "title": f"Book {number}"}, headers=rita.headers)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await api.get("/api/runbooks", params=params, headers=rita.headers)).json()
        seen += [item["slug"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted([*(f"book-{n}" for n in range(5)), *(b.slug for b in builtins())])
    assert set(seen[:5]) == {f"book-{n}" for n in range(5)}


async def test_what_comes_along_is_read_only_until_a_team_copies_it(api: httpx.AsyncClient, rita: SignedIn):
    [ours] = [b for b in await found(api, rita, q="too many clients") if b["slug"] == "postgres-connections-exhausted"]
    path = f"/api/runbooks/{ours['id']}"
    whole = (await api.get(path, headers=rita.headers)).json()
    assert whole["builtin"] is True
    for refused in (
        await api.patch(path, json={"base_version": 1, "title": "Mine"}, headers=rita.headers),
        await api.delete(path, headers=rita.headers),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "runbook_read_only")
    names = ("slug", "title", "categories", "targets", "actions", "body_md")
    copy = await api.post("/api/runbooks", json={name: whole[name] for name in names}, headers=rita.headers)
    assert copy.status_code == 201, copy.text
    listed = [b for b in await found(api, rita, limit=200) if b["slug"] == ours["slug"]]
    assert [b["builtin"] for b in listed] == [False]
    await api.delete(f"/api/runbooks/{copy.json()['id']}", headers=rita.headers)
    assert ours["id"] in [b["id"] for b in await found(api, rita, limit=200)]


async def test_an_import_can_be_repeated_and_says_what_it_left_out(api: httpx.AsyncClient, rita: SignedIn):
    files = [
        {"path": "a/oom.md", "content": "---\ntitle: OOM\ncategories: [oom]\n---\nRaise the limit."},
        {"path": "b/bad.md", "content": "---\ncategories: [nonsense]\ntitle: x\n---\nx"},
        {"path": "b/oom.md", "content": "# Another\n\ntext"},
        {"path": "c/page.md", "content": "<html></html>"},
        {"path": "c/half.md", "content": "# x\n\ufffd"},
    ]

    async def imported() -> dict[str, Any]:
        answer = await api.post("/api/runbooks/import", json={"files": files}, headers=rita.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    first = await imported()
    assert (first["created"], first["updated"], first["unchanged"]) == (["a/oom.md"], [], [])
    why = {skipped["path"]: skipped["why"] for skipped in first["skipped"]}
    assert set(why) == {"b/bad.md", "b/oom.md", "c/page.md", "c/half.md"}
    assert "nonsense" in why["b/bad.md"]
    assert "a/oom.md" in why["b/oom.md"]

    assert (await imported())["unchanged"] == ["a/oom.md"]
    files[0]["content"] += " And look at the leak."
    assert (await imported())["updated"] == ["a/oom.md"]
    [book] = [b for b in await found(api, rita, q="leak", category="oom") if not b["builtin"]]
    assert (book["version"], book["path"]) == (2, "a/oom.md")

    edit = {"base_version": 2, "title": "Out of memory"}
    await api.patch(f"/api/runbooks/{book['id']}", json=edit, headers=rita.headers)
    files[0]["content"] += " Twice."
    assert "edited here" in next(s["why"] for s in (await imported())["skipped"] if s["path"] == "a/oom.md")


async def test_two_imports_of_one_folder_at_once_make_each_runbook_once(api: httpx.AsyncClient, rita: SignedIn):
    files = [{"path": f"{n}.md", "content": f"# Book {n}\n\ntext"} for n in range(20)]
    answers = await asyncio.gather(
        *(api.post("/api/runbooks/import", json={"files": files}, headers=rita.headers) for _ in range(2))
    )
    assert [answer.status_code for answer in answers] == [200, 200]
    assert sorted(len(answer.json()["created"]) for answer in answers) == [0, 20]


def test_the_words_of_an_incident_are_matched_before_they_are_weighed():
    """Whether a weight is above nothing no index tells, and to weigh costs more than to match."""
    chosen = candidates(UUID(int=0), "oom", "orders or memory").compile(dialect=postgresql.dialect())
    columns, _, conditions = str(chosen).partition("\nFROM ")
    assert "ts_rank" in columns
    assert "runbooks.search @@ websearch_to_tsquery" in conditions
    assert "ts_rank" not in conditions


async def test_another_team_sees_nothing_of_it(api: httpx.AsyncClient, rita: SignedIn, sign_in: SignIn):
    book = (await api.post("/api/runbooks", json=NEW, headers=rita.headers)).json()
    mallory = await sign_in("mallory@example.org", "owner", "beta")
    path = f"/api/runbooks/{book['id']}"
    assert (await api.get(path, headers=mallory.headers)).status_code == 404
    edit = {"base_version": 1, "title": "Mine"}
    assert (await api.patch(path, json=edit, headers=mallory.headers)).status_code == 404
    assert (await api.delete(path, headers=mallory.headers)).status_code == 404
    assert book["id"] not in [b["id"] for b in await found(api, mallory, q="pgbouncer")]
