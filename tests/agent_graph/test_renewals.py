"""Of a certificate that ran out it is told what was said weeks before of renewing it, or of loading the new one."""

from datetime import timedelta
from pathlib import Path

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.deps import Ask
from agent_graph.sources import renewals
from tests.agent_graph.asking import sources
from tests.agent_graph.cases import BEGAN, alert, case, down, history, monitor
from tests.fakes.loki import fake_loki

EXPIRED = "x509: certificate has expired or is not yet valid"

# name: what was said before, what of it is told
BEFORE: dict[str, tuple[tuple[str, ...], str]] = {
    "a hook that failed after a renewal": (
        (
            "2026-10-21T03:12:31Z [certbot] Successfully received certificate.",
            "2026-10-21T03:12:32Z [certbot] Hook '--deploy-hook' ran with error output: reload.sh: docker: not found",
            "2026-11-20T03:12:05Z [certbot] Certificate not yet due for renewal",
        ),
        "docker: not found",
    ),
    "an issuer that turns it away": (
        (
            '2026-11-07T07:20:00Z [traefik] ERR Unable to obtain ACME certificate for domains error="401: '
            'Invalid authentication credentials"',
        ),
        "Invalid authentication credentials",
    ),
    "renewed, and not loaded": (
        ("2026-11-01T03:12:31Z [lego] Server responded with a certificate, renewed until 2027-02-01",),
        "renewed until 2027-02-01",
    ),
}


@pytest.mark.parametrize("name", BEFORE)
def test_what_was_said_of_renewing_is_told(name: str):
    lines, wanted = BEFORE[name]
    told = case("shop.example", source_type="monitor", monitor=monitor(down(EXPIRED), down(EXPIRED, minutes_ago=2)))
    assert renewals.is_about(told)
    assert all(renewals.tells(line) for line in lines)
    assert told.monitor is not None
    before = renewals.evidence("loki", "{}", told, list(lines)).model_copy(update={"label": "E2"})
    draft = analyse(told, [history(told.monitor), before])
    assert draft.category == "certificate_expired"
    assert wanted in draft.root_cause


COMPLAINTS = {
    "CertificateExpiringSoon": True,
    "BlackboxSslCertificateWillExpireSoon": True,
    "probe_ssl_earliest_cert_expiry is below a week": True,
    "certificate of shop.example is valid for 3 days more": True,
    "NET::ERR_CERT_DATE_INVALID": True,
    "SSL3 routines: certificate verify failed": True,
    "slow, is TLS offload on?": False,
    "TLS handshake timeout": False,
    "certainly slow": False,
}


@pytest.mark.parametrize("said", COMPLAINTS)
def test_who_complains_of_no_certificate_asks_for_no_renewals(said: str):
    assert renewals.is_about(case(alerts=[alert(annotations={"summary": said})])) == COMPLAINTS[said]


def test_nobody_else_is_asked_for_renewals():
    assert not renewals.is_about(case(alerts=[alert()]))
    assert not renewals.tells('192.0.2.1 - - "GET /profile HTTP/2.0" 200')


async def test_loki_is_asked_weeks_back_for_whoever_renews(tmp_path: Path):
    told = case("shop.example", source_type="monitor", monitor=monitor(down(EXPIRED)))
    with fake_loki() as loki:
        loki.add(
            {"unit": "certbot.service"},
            (BEGAN - timedelta(days=20), "Hook '--deploy-hook' reported error code 127"),
            (BEGAN - timedelta(days=20), "an hour without work"),
        )
        async with sources(tmp_path, loki_url=loki.url) as opened:
            source = opened.present["loki"]
            asks = [ask for ask in source.first(told) if ask.what == "renewals"]
            found = [one for ask in asks for one in await source.answer(told, ask)]
    assert [one.error for one in found] == [None]
    assert "reported error code 127" in found[0].content
    assert "without work" not in found[0].content


@pytest.mark.parametrize("namespace", ["shop", None])
async def test_a_busy_loki_is_not_asked_again_for_weeks_of_everything(tmp_path: Path, namespace: str | None):
    told = case("shop.example", source_type="monitor", monitor=monitor(down(EXPIRED)))
    told = told.model_copy(update={"target": told.target.model_copy(update={"namespace": namespace})})
    with fake_loki() as loki:
        loki.statuses = [429] * 9
        async with sources(tmp_path, loki_url=loki.url, source_timeout_seconds=15) as opened:
            (found,) = await opened.present["loki"].answer(told, Ask(source="loki", what="renewals"))
        asked = [request.query["query"].partition("}")[0] for request in loki.requests]
    assert "answered 429" in (found.error or "")
    # Once each at most: the second question is given up where the first was refused before it left.
    assert 1 <= len(asked) == len(set(asked)) <= (1 if namespace else 2)
    assert all("certbot" in selector or 'namespace=~"shop|cert-manager' in selector for selector in asked)
