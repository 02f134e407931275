"""What runs out harms nobody whose successor is served everywhere, as was registered and is measured."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.well.successors import replaced_in_time
from tests.agent_graph.cases import NOW, alert, case

DAY = 86_400.0
NAMED = {"alertname": "CertExpires", "secret_name": "shop-tls", "subject_CN": "shop.example"}
SWITCHED = "config shop/ingress: uses shop-tls-le in place of the bought certificate"


def _metric(line: str, days: float) -> Metric:
    points = [(NOW.timestamp() - 60 * n, days * DAY) for n in reversed(range(8))]
    return Metric("E5", "certificate", f"{line}: {days} days → {days} days", points, None, None)


def _kept(secret: str, days: float, subject: str = "shop.example") -> Metric:
    return _metric(f'x509_cert_not_after{{secret_name="{secret}", subject_CN="{subject}"}}', days)


def _facts(*served: float, switched: str = SWITCHED, subject: str = "shop.example") -> Facts:
    fires = alert(name="CertExpires", labels=NAMED, annotations={"summary": "expires in less than 48 hours"})
    asked = [_metric(f'probe_ssl_earliest_cert_expiry{{instance="https://{n}"}}', d) for n, d in enumerate(served)]
    at = NOW - timedelta(days=19)
    change = LogLine("E7", f"{at:%Y-%m-%dT%H:%M:%SZ} {switched}", switched, None, at, 1)
    metrics = [_kept("shop-tls", 2), _kept("shop-tls-le", 71, subject), *asked]
    return replace(Facts(case(alerts=[fires])), metrics=metrics, changes=[change])


def test_a_certificate_that_nobody_serves_any_more_may_run_out():
    found = replaced_in_time(_facts(71, 71))
    assert found is not None
    assert "shop-tls-le" in found.statement


@pytest.mark.parametrize(
    "facts",
    [
        # Somebody is still served the old one, nobody was asked, nobody registered it, or it is of another name.
        _facts(71, 2),
        _facts(),
        _facts(71, switched="config shop/ingress: new timeouts"),
        _facts(71, subject="blog.example"),
    ],
)
def test_a_successor_that_is_not_seen_in_use_everywhere_is_none(facts: Facts):
    assert replaced_in_time(facts) is None
