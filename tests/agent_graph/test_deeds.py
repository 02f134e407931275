"""What a log says once about the time it began tells the occasion; what it always says, or long before, does not."""

import pytest

from agent_graph.analysts.rules.context.deeds import deeds
from agent_graph.analysts.rules.reading import read
from tests.agent_graph.cases import BEGAN, case, logs

# name: lines with their time, the words of the deed that is told
TOLD: dict[str, tuple[tuple[str, ...], str]] = {
    "a job of the machine": (
        ("2026-11-21T02:45:00Z Starting erp-backup.service - files and database to staging...",),
        "erp-backup.service",
    ),
    "a reboot": (("2026-11-21T02:59:10Z System is rebooting.",), "rebooting"),
    "an upgrade of a part": (
        ("2026-11-21T02:58:00Z Upgrading plugin 'calendar' from 3.8 to 4.0...",),
        "Upgrading plugin",
    ),
    "a mailing": (
        ("2026-11-21T02:58:00Z mailer[3]: start processing campaign (Spring) subscribers=5204",),
        "start processing campaign",
    ),
    "somebody at the console": (
        ("2026-11-21T02:57:00Z chef : TTY=pts/0 ; USER=root ; COMMAND=/usr/sbin/nft flush ruleset",),
        "COMMAND=",
    ),
    "only a request for such a thing": (("2026-11-21T02:58:00Z GET /backup/start HTTP/2.0 200",), ""),
    "a line of a stack trace": (('2026-11-21T02:58:00Z File "/app/sync.py", line 31, in main',), ""),
    "said again and again": (tuple(f"2026-11-21T02:{m}:00Z Starting job: sync" for m in range(40, 59)), ""),
    "housekeeping": (("2026-11-21T02:58:00Z systemd[1]: Started Session c303 of User root.",), ""),
    "hours before": (("2026-11-20T22:58:00Z Starting erp-backup.service...",), ""),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_was_begun_about_then_is_told(name: str):
    lines, wanted = TOLD[name]
    facts = read(case(), [logs(*lines).model_copy(update={"label": "E1"})])
    found = deeds(facts, BEGAN, BEGAN)
    assert [wanted in line.text for line in found] == ([True] if wanted else [])
