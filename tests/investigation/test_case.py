"""What an investigation is told of its target's surroundings."""

from backend.correlation import dependencies
from backend.deps import Deps
from backend.incident import joining
from backend.investigation import service
from backend.investigation.kinds import CaseFile
from tests.agent_graph import stage


async def test_the_case_says_what_the_target_and_its_owner_need_what_was_declared_first(deps: Deps):
    incident_id = await stage.open_incident(deps, "shop-web-1", owner="shop/web")
    ours, now = await stage.team(deps), deps.clock.now()
    async with deps.db.transaction() as session:
        await joining.saw_dependency(session, ours, "shop-web-1", "cache", incident_id)
        await joining.saw_dependency(session, ours, "shop/web", "mail", incident_id)
        await dependencies.declare(session, ours, "shop/web", "shop/db", "ada", now)
        await dependencies.declare(session, ours, "blog/web", "blog/db", "ada", now)
        opened = await service.open_case(session, incident_id, "me", now)
    assert isinstance(opened, CaseFile)
    assert opened.needs[0] == "shop/db"
    assert sorted(opened.needs[1:]) == ["cache", "mail"]
