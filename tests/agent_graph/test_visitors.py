"""Who is refused decides whether it matters: scanners harm nobody, users who were served a moment ago do."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.logs.lines import parse
from agent_graph.logs.requests import request_of, tally
from agent_graph.sources.changes import evidence_of as changes_of
from tests.agent_graph.cases import BEGAN, alert, case, container, logs, metric

KNOCKS = ("/.env", "/wp-login.php", "/cgi-bin/luci", "/actuator/env", "/phpmyadmin/index.php", "/.git/config")
PAGES = ("/", "/shop/lamps", "/basket", "/contact")
ABOUT = alert(name="High4xxRate", annotations={"summary": "more than 5% of requests are answered with 4xx"})


def _combined(client: str, path: str, status: int, agent: str = "Mozilla/5.0") -> str:
    return f'{client} - - [21/Nov/2026:03:00:00 +0000] "GET {path} HTTP/1.1" {status} 153 "-" "{agent}"'


def _json(client: str, path: str, status: int, agent: str = "Mozilla/5.0") -> str:
    return f'{{"remote_ip": "{client}", "request": {{"uri": "{path}", "ua": "{agent}"}}, "status": {status}}}'


def _at(lines: Sequence[str]) -> list[str]:
    return [f"{BEGAN + timedelta(seconds=10 * n):%Y-%m-%dT%H:%M:%SZ} {line}" for n, line in enumerate(lines)]


USERS = [_combined(f"84.1.2.{n}", PAGES[n % 4], 200) for n in range(24)]
ONE_CLIENT = [_combined("185.2.3.4", KNOCKS[n % 6], 404) for n in range(24)]
MANY_CLIENTS = [_combined(f"45.9.8.{n}", KNOCKS[n % 6], 404, "python-requests/2.31") for n in range(24)]
NO_CLIENTS = [f'"GET {KNOCKS[n % 6]} HTTP/1.1" 404 -' for n in range(24)]
IN_JSON = [_json("185.2.3.4", KNOCKS[n % 6], 403) for n in range(24)]
CRAWLER = [
    _combined(f"66.249.1.{n}", PAGES[1 + n % 3], 404, "Mozilla/5.0 (compatible; Googlebot/2.1)") for n in range(24)
]
CHECKER = [_combined("10.0.0.9", "/healthz", 404, "ELB-HealthChecker/2.0") for _ in range(24)]
ONE_PATH = [_combined("185.2.3.4", "/api/partner/stock", 404) for _ in range(24)]
NEW_APP = [
    _combined(f"84.9.2.{n}", f"/api/v3/{('cart', 'items', 'me', 'checkout', 'orders')[n % 5]}", 404, "ShopApp/5.0")
    for n in range(30)
]
PARTNER = [
    _combined("52.1.1.1", f"/partner/{('orders', 'stock', 'prices', 'invoices', 'returns')[n % 5]}", 401, "AcmeERP/2")
    for n in range(30)
]
GONE = [line.replace('" 401 ', '" 404 ') for line in PARTNER]
WATCHED = [_combined("52.1.1.1", "/partner/stock", 403, "StockMonitor/2.0") for _ in range(24)]
KNOCKS_BESIDE = [_combined("185.2.3.4", KNOCKS[n], 404) for n in range(6)]
BROKEN = [_combined(f"84.9.2.{n}", PAGES[1 + n % 3], 404) for n in range(24)]
PROXIED = [_combined("10.0.0.1", PAGES[n % 4], 200) for n in range(24)]
ONE_CLIENT_PROXIED = [_combined("10.0.0.1", f"/old/page-{chr(97 + n)}", 404) for n in range(24)]

WHO: dict[str, tuple[list[str], str | None]] = {
    "one client": ([*USERS, *ONE_CLIENT], "185.2.3.4"),
    "one user agent from many addresses": ([*USERS, *MANY_CLIENTS], "python-requests/2.31"),
    "only the paths tell": ([*USERS, *NO_CLIENTS], "/.env"),
    "an access log in JSON": ([*USERS, *IN_JSON], "185.2.3.4"),
    "a crawler that asks for what is no more": ([*USERS, *CRAWLER], "Googlebot"),
    "a check that asks for what is no more": ([*USERS, *CHECKER], "ELB-HealthChecker"),
    "a partner whose one path is gone": ([*USERS, *ONE_PATH], None),
    "a new app of ours asks for what is not there yet": ([*USERS, *NEW_APP], None),
    "the same, and a scanner knocks besides": ([*USERS, *NEW_APP, *KNOCKS_BESIDE], None),
    "a partner who is let in nowhere": ([*USERS, *PARTNER], None),
    "a partner whose paths are all gone": ([*USERS, *GONE], None),
    "a program that is not let in any more": ([*USERS, *WATCHED], None),
    "everybody behind one proxy": ([*PROXIED, *ONE_CLIENT_PROXIED], None),
    "users of what was served before": ([*USERS, *BROKEN], None),
    "nobody is served any more": ([*USERS[:3], *ONE_CLIENT], None),
}


@pytest.mark.parametrize("name", WHO)
def test_a_scanner_is_named_and_harms_nobody(name: str):
    lines, who = WHO[name]
    found = analyse(case(alerts=[ABOUT]), [container(Running=True, health="healthy"), logs(*_at(lines))])
    assert ("no user, is refused" in found.root_cause) is (who is not None)
    assert (found.verdict == "not_an_incident") is (who is not None)
    assert who is None or who in found.root_cause


@pytest.mark.parametrize("refused", [404, 401, 405])
def test_users_who_lose_what_they_were_served_after_a_deploy_are_an_incident(refused: int):
    lines = [*USERS, *(line.replace('" 404 ', f'" {refused} ') for line in BROKEN)]
    row = {"ts": (BEGAN + timedelta(minutes=3)).isoformat(), "kind": "deploy", "target": "web", "summary": "2.1 -> 2.2"}
    change = changes_of(case(), [row], "changes")[0].model_copy(update={"label": "E5"})
    up = metric("up", *[1] * 20, label="E6")
    found = analyse(case(alerts=[ABOUT]), [container(Running=True, health="healthy"), logs(*_at(lines)), up, change])
    assert found.verdict != "not_an_incident"
    assert "/shop/lamps" in found.root_cause


HEADS = [f'10.8.0.2 - - [21/Nov/2026:03:00:00 +0000] "HEAD /b/{n:x} HTTP/1.1" 404 0' for n in range(40)]
GETS = [line.replace('"HEAD ', '"GET ') for line in HEADS]
# What is asked for, and whether nobody is refused.
ASKED: dict[str, tuple[list[str], bool]] = {
    "whether many things are there": ([*USERS, *HEADS], True),
    "for the things themselves": ([*USERS, *GETS], False),
    "for one thing, as a check does": ([*USERS, *[HEADS[0]] * 40], False),
    "with nobody served": (HEADS, False),
    "while others get errors": ([*USERS, *HEADS, _combined("84.1.2.9", "/basket", 502)], False),
}


@pytest.mark.parametrize("name", ASKED)
def test_who_asks_whether_a_thing_is_there_is_not_refused(name: str):
    lines, well = ASKED[name]
    up = metric("up", *[1] * 20, label="E6")
    found = analyse(case(alerts=[ABOUT]), [container(Running=True, health="healthy"), logs(*_at(lines)), up])
    assert ("whether" in found.root_cause) == well


def test_a_login_that_is_refused_now_and_then_is_not_lost():
    logins = [_combined(f"84.1.2.{n}", "/login", 401 if n % 3 == 0 else 200) for n in range(60)]
    told = tally(logins)
    assert told is not None
    assert told["lost"] is None


@pytest.mark.parametrize(
    ("line", "route"),
    [
        (
            'haproxy[1]: 10.0.0.1:3333 [06/Feb/2026:12:14:14] fe be/s1 10/0/30/9 404 2750 - - "GET /v2/x/77 H"',
            "/v2/x/#",
        ),
        ('{"level":40,"req":{"method":"GET","url":"/v1/cards/7?a=1"},"res":{"statusCode":404}}', "/v1/cards/#"),
        ('{"ClientHost":"1.2.3.4","DownstreamStatus":404,"RequestPath":"/.env"}', "/.env"),
        ("GET /wp-admin 404 1.2 ms - 150", "/wp-admin"),
        ('INFO could not "GET it done", 404 times', None),
        ('{"status":' * 1000 + '"200"' + "}" * 1000, None),
        ("GET /" + "a1" * 5_000 + " 404", None),
    ],
)
def test_access_logs_are_read_in_the_shapes_that_servers_write(line: str, route: str | None):
    found = request_of(line)
    assert (found.route if found else None) == route


def test_what_json_escapes_is_not_said_as_it_would_come_out():
    found = request_of(
        r'{"status":"404","path":"/.env\u202e\nIGNORE","remote_addr":"1.2.3.4","user_agent":"x\n\n# Do"}'
    )
    assert found is not None
    assert (found.path, found.agent) == ("/.env IGNORE", "x # Do")
    assert (
        parse(r'{"level":"error","msg":"panic: pass\u0077ord\u003dhunter2x"}').message == "panic: password=[redacted]"
    )
