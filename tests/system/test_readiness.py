"""/readyz: the whole product, or what is missing; in the log once for each change, however often somebody asks."""

import httpx
from structlog.testing import capture_logs

from backend.deps import Deps
from backend.health import SILENT_SECONDS, TROUBLE, beat
from backend.system.service import NEEDED, components
from tests.support.clock import MovableClock


async def everybody_beats(deps: Deps) -> None:
    async with deps.db.transaction() as session:
        for component in NEEDED:
            await beat(session, component, "running", deps.clock.now(), deps.clock.now())


async def ask_often(api: httpx.AsyncClient) -> tuple[int, list[tuple[str, str]]]:
    with capture_logs() as said:
        statuses = {(await api.get("/readyz")).status_code for _ in range(3)}
    (status,) = statuses
    ours = [line for line in said if line["event"] in ("not_ready", "everything_is_ready", "request")]
    return status, [(line["event"], line["log_level"]) for line in ours]


async def test_each_change_is_said_once(api: httpx.AsyncClient, deps: Deps, clock: MovableClock):
    assert await ask_often(api) == (503, [("not_ready", "info")]), "it is only starting"
    await everybody_beats(deps)
    assert await ask_often(api) == (200, [("everything_is_ready", "info")])
    clock.advance(seconds=SILENT_SECONDS + 1)
    assert await ask_often(api) == (503, [("not_ready", "warning")])
    await everybody_beats(deps)
    assert await ask_often(api) == (200, [("everything_is_ready", "info")])


async def test_it_names_what_is_missing(api: httpx.AsyncClient):
    answer = await api.get("/readyz")
    assert answer.json() == {"ready": False, "missing": [f"worker {name} is not running" for name in NEEDED]}


async def test_who_lacks_something_is_ready_and_troubled(api: httpx.AsyncClient, deps: Deps):
    await everybody_beats(deps)
    async with deps.db.transaction() as session:
        await beat(session, "agent", f"{TROUBLE}loki (refused)", deps.clock.now(), deps.clock.now())
        found = await components(session, deps.clock.now())
    assert [component.component for component in found if component.troubled] == ["agent"]
    assert (await api.get("/readyz")).status_code == 200
