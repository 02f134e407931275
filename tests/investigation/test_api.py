"""GET evidence, hypotheses and investigations: the contract's shape, and a foreign incident is not there."""

from collections.abc import Awaitable, Callable

import httpx

from agent_graph.worker import investigate
from backend.deps import Deps
from tests.agent_graph import stage
from tests.agent_graph.test_worker import crashed, with_sources
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]
BEGUN = (
    "insert into investigations (team_id, incident_id, round) select team_id, id, 1 from incidents where id = :incident"
    " returning id"
)


async def test_what_was_looked_at_and_concluded_is_there_with_its_quotes(
    deps: Deps, api: httpx.AsyncClient, sign_in: SignIn
):
    olivia = await sign_in("olivia@example.org", "viewer")
    async with stage.agent(deps, docker_host="unix:///nowhere") as (own, parts):
        incident_id = await stage.open_incident(own)
        await investigate(own, incident_id=str(incident_id), parts=with_sources(parts, crashed()))

    async def items(what: str) -> list[dict[str, object]]:
        answer = await api.get(f"/api/incidents/{incident_id}/{what}", headers=olivia.headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["next_cursor"] is None
        return answer.json()["items"]

    (round_one,) = await items("investigations")
    assert (round_one["round"], round_one["status"], round_one["verdict"]) == (1, "done", "incident")
    assert "ValueError: bad order 7" in str(round_one["summary"])
    evidence = {str(e["label"]): e for e in await items("evidence")}
    assert set(evidence) == {"E1", "E2"}
    assert str(evidence["E1"]["collected_at"]).endswith("Z")
    assert evidence["E1"]["round"] == 1
    leading, *_ = await items("hypotheses")
    assert (leading["rank"], leading["category"], leading["confidence"]) == (1, "app_crash", "confirmed")
    quote = leading["supporting"][0]  # type: ignore[index]
    assert quote["evidence_id"] == evidence[quote["evidence"]]["id"]
    assert quote["quote"] in str(evidence[quote["evidence"]]["content"])
    assert quote["beside"] is False


async def test_a_foreign_incident_is_not_there(deps: Deps, api: httpx.AsyncClient, sign_in: SignIn):
    charlie = await sign_in("charlie@example.org", "owner", "others")
    incident_id = await stage.open_incident(deps)
    own = str((await stage.rows(deps, BEGUN, incident=incident_id))[0].id)
    rounds = (f"investigations/{own}/steps", f"investigations/{own}/transcript")
    for what in ("investigations", "evidence", "hypotheses", *rounds):
        answer = await api.get(f"/api/incidents/{incident_id}/{what}", headers=charlie.headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_nobody_reads_it_without_signing_in(deps: Deps, api: httpx.AsyncClient):
    incident_id = await stage.open_incident(deps)
    assert (await api.get(f"/api/incidents/{incident_id}/evidence")).status_code == 401
