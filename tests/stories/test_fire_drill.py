"""`nightdesk drill` breaks a real service and walks the whole loop; nothing of it stays but the incident."""

import asyncio
import json
import signal
import subprocess
from pathlib import Path

import pytest

from backend.drill.kinds import KINDS
from tests.stories.product import NIGHTDESK, Instance
from tests.support.product import PATIENCE, gone, wait_until


def leftovers(running: Instance) -> list[str]:
    """What a drill made and did not take away."""

    async def look() -> list[str]:
        async with running.owner() as olivia:
            monitors = [monitor["name"] for monitor in await olivia.client.items("/api/monitors")]
            hooks = [hook["name"] for hook in await olivia.client.items("/api/runbook-hooks")]
            return [name for name in [*monitors, *hooks] if name.startswith("drill-")]

    drill = running.up.data_dir / "drill"
    files = [str(path) for path in drill.rglob("*") if path.name not in ("last_kind", "lock", "logs")]
    mounts = [line for line in Path("/proc/self/mounts").read_text().splitlines() if str(drill) in line]
    return [*asyncio.run(look()), *files, *mounts]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_failure_ends_recovered_and_written_up(running: Instance, kind: str):
    done = running.command("drill", "--kind", kind, "--approve", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert set(document) == {"incident_id", "status", "action", "verification", "post_mortem_chars", "seconds"}
    assert (document["status"], document["verification"]) == ("resolved", "recovered")
    assert document["action"] == {
        "kind": "runbook.call_hook",
        "status": "succeeded",
        "approved_by": "drill@nightdesk.local",
    }
    assert document["post_mortem_chars"] > 500
    assert set(document["seconds"]) == {"detect", "propose", "recover", "total"}
    assert document["seconds"]["total"] > 0
    assert leftovers(running) == []


def test_without_approval_it_waits_for_a_person_and_their_no_ends_it(running: Instance):
    command = [*NIGHTDESK, "drill", "--kind", "crash", "--data-dir", str(running.up.data_dir)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as drill:

        async def reject() -> None:
            async with running.owner() as olivia:

                async def proposed() -> object:
                    return await olivia.client.items("/api/actions", status="proposed")

                (action,) = await olivia.until(proposed, "a proposal")
                await olivia.client.post(f"/api/actions/{action['id']}/reject", {"reason": "not today"})

        asyncio.run(reject())
        output, _ = drill.communicate(timeout=PATIENCE)
    assert drill.returncode == 1
    assert "olivia@example.org rejected the proposed action" in output
    assert leftovers(running) == []


def test_interrupted_it_takes_everything_away(running: Instance):
    command = [*NIGHTDESK, "drill", "--kind", "disk", "--data-dir", str(running.up.data_dir)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as drill:
        assert drill.stdout is not None
        for line in drill.stdout:
            if "decide" in line:
                break
        drill.send_signal(signal.SIGINT)
        assert drill.wait(PATIENCE) == 1
    assert leftovers(running) == []


def test_a_second_drill_waits_its_turn_and_the_next_one_cleans_up_after_a_killed_one(running: Instance):
    command = [*NIGHTDESK, "drill", "--kind", "disk", "--data-dir", str(running.up.data_dir)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as drill:
        assert drill.stdout is not None
        service = 0
        for line in drill.stdout:
            if "runs as process" in line:
                service = int(line.split("process ")[1].split()[0])
            if "detected" in line:
                break
        second = running.command("drill", "--approve")
        assert (second.returncode, second.stdout) == (1, "")
        assert "Another drill is running" in second.stderr
        drill.kill()
    wait_until(lambda: gone(service))
    assert leftovers(running) != []
    assert running.command("drill", "--approve", "--json").returncode == 0
    assert leftovers(running) == []


def test_without_an_instance_it_says_what_to_do(folder: Path):
    command = [*NIGHTDESK, "drill", "--approve", "--json", "--data-dir", str(folder / "nothing")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Start it with" in done.stderr
    assert "nightdesk up`" in done.stderr
    assert not (folder / "nothing").exists()
