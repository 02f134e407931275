"""Strangers who guess names are no incident, nor is it that more of them are banned; whatever else rises is."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.well.guessers import guessed
from tests.agent_graph.cases import BEGAN, alert, case

NAMES = ("test", "oracle", "pi", "git", "ftpuser", "hadoop")
# What is measured to rise; may it be strangers who are kept out?
RISES: dict[str, tuple[str, bool]] = {
    "refused logins": ('sshd_auth_failures_per_minute{instance="web"}: 4 → 51', True),
    "who is banned": ('fail2ban_banned_current{instance="web", jail="sshd"}: 211 → 590', True),
    "who is banned, by another product": ("crowdsec_bans_total{}: 2 → 90", True),
    "addresses that are blocked": ("sshguard_blocked_ips{}: 2 → 90", True),
    "what is said to be urban": ("suburban_errors{}: 2 → 90", False),
    "requests that fail": ('http_errors_total{jail="bans"}: 0 → 40', False),
}


def _facts(*rises: str, entered: str = "") -> Facts:
    said = [f"Invalid user {who} from 203.0.113.{n} port 41000" for n, who in enumerate(NAMES)]
    said += ["fail2ban.actions [881]: NOTICE [sshd] Ban 203.0.113.2", *([entered] if entered else [])]
    lines = [LogLine("E2", text, text, None, BEGAN + timedelta(seconds=n), 1) for n, text in enumerate(said)]
    signs = [Sign("E5", "prometheus", "trouble", "strong", one, "web", BEGAN, "too much") for one in rises]
    fired = alert(name="SshAuthFailuresHigh", annotations={"summary": "more than 400 failed SSH logins in 10 minutes"})
    return Facts(case(alerts=[fired]), lines=lines, signs=signs)


@pytest.mark.parametrize("name", RISES)
def test_that_more_are_banned_is_what_keeps_strangers_out(name: str):
    rises, well = RISES[name]
    assert (guessed(_facts(rises)) is not None) is well


def test_a_stranger_who_is_let_in_is_an_incident_however_many_are_banned():
    entered = "Accepted password for git from 203.0.113.3 port 41000 ssh2"
    assert guessed(_facts('fail2ban_banned_current{jail="sshd"}: 2 → 90', entered=entered)) is None
