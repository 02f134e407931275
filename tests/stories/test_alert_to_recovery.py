"""The main job on real parts: a container dies, Prometheus sees it, Alertmanager tells, a person approves in Chromium.

The container is started again exactly once, by Docker's own word; the alert resolves; the post-mortem is there to read.
"""

import asyncio
import re
import time
from collections.abc import Generator
from pathlib import Path

import pytest
from docker.models.containers import Container
from playwright.async_api import expect

from tests.actions.containers import FOREVER, Containers, containers
from tests.real import docker_engine, needs_chromium, needs_docker, needs_prometheus
from tests.stories import browser, monitoring
from tests.stories.browser import sign_in
from tests.stories.product import OWNER, Instance, instance

# Runs well the first time until it is told to die, and well for ever the second time.
DIES_ONCE = f"""
if test -e /tmp/died; then echo 'INFO orders: serving again'; {FOREVER}; fi
echo 'INFO orders: serving'; sleep 3; echo > /tmp/died
echo 'Traceback (most recent call last):'
echo '  File "/srv/orders.py", line 88, in book'
echo 'RuntimeError: ledger checksum mismatch in segment 17'
exit 1
"""
# The settle window of docker.start_container is half a minute.
RECOVERY_MS = 100_000


@pytest.fixture
def orders(folder: Path) -> Generator[tuple[Containers, Container, Instance]]:
    """The dying container, and an instance that Alertmanager tells about it."""
    place = folder / "monitoring"
    place.mkdir()
    with docker_engine() as host, containers(host) as made:
        with monitoring.prometheus(place, host, made.prefix) as where:
            with instance(folder / "alerted", DOCKER_HOST=host, PROMETHEUS_URL=where.prometheus) as running:
                with monitoring.alertmanager(place, where, running.webhook()):
                    yield made, made.run(DIES_ONCE, name="orders"), running


@needs_docker
@needs_prometheus
@needs_chromium
@pytest.mark.timeout(240)
async def test_from_alert_to_post_mortem(orders: tuple[Containers, Container, Instance]):
    made, container, running = orders
    began = time.time() - 5
    incident = await opened(running, str(container.name))
    async with browser.page() as page:
        await sign_in(page, f"{running.url}/incidents/{incident}", OWNER.email, OWNER.password)
        await expect(page.get_by_text("RuntimeError: ledger checksum mismatch in segment 17").first).to_be_visible()
        assert made.happened(container, began).count("start") == 1, "nothing runs without a person"

        await page.get_by_role("button", name=re.compile("^Approve")).click()
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_text(f"Start container {container.name}").first).to_be_visible()
        await dialog.get_by_role("button", name="Approve and run").click()

        # Live: nobody reloads the page.
        section = page.locator("#post-mortem")
        await expect(section.get_by_role("heading", name="Root cause", exact=False).first).to_be_visible(
            timeout=RECOVERY_MS
        )
        await expect(section.get_by_text(OWNER.email).first).to_be_visible()

    happened = await asyncio.to_thread(made.happened, container, began)
    assert (happened.count("start"), happened.count("restart"), happened.count("die")) == (2, 0, 1)
    container.reload()
    assert container.status == "running"
    await resolved_once(running, incident)


async def opened(running: Instance, target: str) -> str:
    async with running.owner() as olivia:

        async def proposed() -> str | None:
            found = await olivia.client.items("/api/incidents", target=target)
            return found[0]["id"] if found and found[0]["status"] == "awaiting_approval" else None

        return await olivia.until(proposed, "an incident with a proposal")


async def resolved_once(running: Instance, incident: str) -> None:
    async with running.owner() as olivia:
        found = await olivia.client.get(f"/api/incidents/{incident}")
        assert (found["status"], found["verification"], found["firing"]) == ("resolved", "recovered", False)
        assert found["approved_by"] == OWNER.email
        (action,) = await olivia.client.items(f"/api/incidents/{incident}/actions")
        assert (action["kind"], action["status"]) == ("docker.start_container", "succeeded")
        (alert,) = await olivia.client.items(f"/api/incidents/{incident}/alerts")
        assert (alert["name"], alert["status"]) == ("ContainerDown", "resolved")
