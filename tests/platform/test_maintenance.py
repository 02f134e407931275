"""Maintenance: nothing is changed, everything is read, alerts are taken, and those who do it go on."""

import json
from pathlib import Path

from tests.platform.stage import INCIDENT, Stage, said

ALERT = json.loads((Path(__file__).parents[1] / "fakes/alertmanager_payloads/containers_mixed.json").read_text())


async def test_the_house_is_closed_for_changes_and_says_why(stage: Stage):
    integration = {"kind": "alertmanager", "name": "am"}
    token = (await stage.ask(stage.bea, "POST /api/integrations", integration)).json()["token"]
    visit = (await stage.visit(stage.ada, stage.bea)).json()["id"]
    off = {"on": False, "notice": "", "since": None, "by": None}
    assert (await stage.ask(stage.ada, "GET /api/admin/maintenance")).json() == off
    assert (await stage.api.get("/api/config")).json()["maintenance"] == {"on": False, "notice": ""}
    switched = (
        await stage.ask(stage.ada, "PUT /api/admin/maintenance", {"on": True, "notice": "Moving house."})
    ).json()
    assert (switched["on"], switched["notice"], switched["by"]) == (True, "Moving house.", "ada@example.org")
    assert (await stage.api.get("/api/config")).json()["maintenance"] == {"on": True, "notice": "Moving house."}

    refused = await stage.ask(stage.bea, "POST /api/incidents", INCIDENT)
    assert said(refused) == (503, "maintenance")
    assert refused.json()["detail"] == "Moving house."
    assert said(await stage.ask(stage.bea, "PATCH /api/me/profile", {"name": "Bea"})) == (503, "maintenance")
    assert (await stage.ask(stage.bea, "GET /api/incidents")).status_code == 200
    assert (await stage.api.post(f"/webhooks/alertmanager/{token}", json=ALERT)).status_code == 202
    assert (await stage.ask(stage.ada, "POST /api/incidents", INCIDENT)).status_code == 201
    helped = await stage.ask(stage.ada, "PATCH /api/team", {"name": "The shop"}, x_impersonate=visit)
    assert helped.status_code == 200

    reworded = (await stage.ask(stage.ada, "PUT /api/admin/maintenance", {"on": True, "notice": "Soon."})).json()
    assert reworded["since"] == switched["since"]
    assert (await stage.ask(stage.ada, "PUT /api/admin/maintenance", {"on": False})).json()["since"] is None
    assert (await stage.ask(stage.bea, "POST /api/incidents", INCIDENT)).status_code == 201
    told = (await stage.ask(stage.ada, "GET /api/admin/audit?action=platform.maintenance")).json()["items"]
    assert [(item["before"], item["after"]) for item in told] == [
        ({"on": True, "notice": "Soon."}, {"on": False, "notice": ""}),
        ({"notice": "Moving house."}, {"notice": "Soon."}),
        ({"on": False, "notice": ""}, {"on": True, "notice": "Moving house."}),
    ]
    assert (
        await stage.ask(stage.ada, "PUT /api/admin/maintenance", {"on": True, "notice": "x" * 501})
    ).status_code == 422
