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


def _in_files(served: str, switched: str, covers: str = "*.shop.example", days: float = 60) -> Facts:
    """Kept in files, as an exporter of the machine names them; the new one is for all names of the domain."""
    labels = {"alertname": "PemExpires", "file": "/etc/pem/www.pem"}
    fires = alert(name="PemExpires", labels=labels, annotations={"summary": "expires in 30 hours"})
    old = _metric('ssl_file_cert_not_after{cn="www.shop.example", file="/etc/pem/www.pem"}', 1.3)
    new = _metric(f'ssl_file_cert_not_after{{cn="{covers}", file="/etc/pem/star.pem"}}', 60)
    asked = _metric(f'{served}{{instance="www.shop.example:443"}}', days)
    at = NOW - timedelta(days=8)
    change = LogLine("E7", f"{at:%Y-%m-%dT%H:%M:%SZ} {switched}", switched, None, at, 1)
    return replace(Facts(case(alerts=[fires])), metrics=[old, new, asked], changes=[change])


USES = "config lb: the list of the frontends names star.pem instead of www.pem"


@pytest.mark.parametrize(
    ("facts", "well"),
    [
        (_in_files("ssl_cert_not_after", USES), True),
        (_in_files("ssl_cert_not_after", USES, days=1.3), False),
        (_in_files("ssl_cert_not_after", USES, covers="*.blog.example"), False),
        (_in_files("ssl_cert_not_after", "config lb: www.pem is watched"), False),
        (_in_files("ssl_ocsp_response_next_update", USES), False),
    ],
)
def test_a_file_may_run_out_whose_name_a_wildcard_covers_that_is_served(facts: Facts, well: bool):
    assert (replaced_in_time(facts) is not None) is well
