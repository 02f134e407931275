"""Every signature understands its trouble in the words of the servers, clients and languages that meet it."""

import importlib
import re
from pathlib import Path

import pytest

from agent_graph.logs.levels import level_of
from agent_graph.logs.lines import parse

# category|line, as it was printed by the software in question.
SPOKEN = [row.split("|", 1) for row in Path(__file__).with_name("vocabulary.txt").read_text("utf-8").splitlines()]
CATEGORIES = list(dict.fromkeys(category for category, _ in SPOKEN))


def words_of(category: str) -> re.Pattern[str]:
    signature = importlib.import_module(f"agent_graph.analysts.rules.signatures.{category}")
    if category == "quota_exceeded":
        return re.compile(f"{signature._WORDS.pattern}|{signature.OWN_LIMIT.pattern}", re.IGNORECASE)
    return signature._FATAL if category == "app_crash" else signature._WORDS


@pytest.mark.parametrize("category", CATEGORIES)
def test_its_trouble_is_heard(category: str):
    words = words_of(category)
    assert [line for wanted, line in SPOKEN if wanted == category and not words.search(line)] == []


INNOCENT = [
    '10.0.0.3 - - [01/May/2024:10:00:00 +0000] "GET /orders/429 HTTP/1.1" 200 429 "-" "curl"',
    "pool of 10 workers started, limits: none",
    "HTTPConnectionPool(host='payments', port=8080): starting new connection",
    "checked 3 certificates, the first expires in 41 days",
    "resolved 14 dependencies, cannot resolve reference to a bean of type X",
    "replica set is ready, lock file created, query took 12 ms",
    "listening on :429, cached 1429 rows",
    "write quorum is 3 of 4 drives, semi-sync replication switched on, sequence orders_id_seq is at 31 %",
    "partition 2147483647 of key space done, KMS key alias/orders is enabled, session kept by keeper-2",
]


@pytest.mark.parametrize("line", INNOCENT)
def test_what_means_no_trouble_is_not_taken_for_any(line: str):
    assert [category for category in CATEGORIES if words_of(category).search(line)] == []


LEVELS: list[tuple[str | None, str]] = [
    ("error", "2024-05-01T10:00:00Z [error] 31#31: *12 connect() failed"),
    ("error", "fail: Microsoft.EntityFrameworkCore.Database.Command[20102]"),
    ("info", "info: Microsoft.Hosting.Lifetime[14]"),
    ("error", "[10:00:00 ERR] HTTP GET / responded 500"),
    ("error", "10:00:00.123 [http-nio-8080-exec-1] ERROR c.e.App - boom"),
    (None, "could not rotate log file"),
    (None, "sslv3 alert certificate expired"),
    ("error", "panic-free: an error occurred, printing stack trace"),
    ("error", "2024-05-01 10:00:00.123 UTC [2211] ERROR:  deadlock detected"),
    ("info", "2024-05-01 10:00:00.123 UTC [2211] LOG:  process 2211 still waiting"),
    ("fatal", "2024-05-01 10:00:00.123 UTC [2211] FATAL:  sorry"),
    ("error", "ERRO[0012] failed to connect"),
    ("info", '{"t":{"$date":"2024-05-01T10:00:00.000+00:00"},"s":"I","c":"NETWORK","id":1,"ctx":"l","msg":"x"}'),
    ("error", '{"t":{"$date":"2024-05-01T10:00:00.000+00:00"},"s":"E","c":"NETWORK","id":1,"ctx":"l","msg":"x"}'),
    ("error", '10.0.0.3 - - [01/May/2024:10:00:00 +0000] "GET /api HTTP/1.1" 503 120 "-" "curl"'),
    ("info", '10.0.0.3 - - [01/May/2024:10:00:00 +0000] "GET /api HTTP/1.1" 200 120 "-" "curl"'),
    (None, '10.0.0.3 - - [01/May/2024:10:00:00 +0000] "GET /api HTTP/1.1" 404 120 "-" "curl"'),
    ("error", '[2024-05-01T10:00:00.123Z] "GET /api HTTP/1.1" 503 UF,URX "-" 0'),
    ("warning", "2024-05-01T10:00:00.000Z warn: slow"),
    ("info", "2024-05-01T10:00:00.000Z\tinfo\tstarting"),
    ("error", "E0501 10:00:00.123456       1 reflector.go:150] failed"),
    ("error", "E, [2024-05-01T10:00:00.123456 #1] ERROR -- : boom"),
    ("error", "ERROR:root:x"),
    ("info", 'INFO:     10.0.0.3:41414 - "GET / HTTP/1.1" 200 OK'),
    ("warning", 'time="2024-05-01T10:00:00Z" level=warning msg="x"'),
    ("error", '{"level":50,"time":1714557600123,"msg":"x"}'),
    ("error", '{"Timestamp":"2024-05-01T10:00:00Z","Level":"Error","MessageTemplate":"x"}'),
    (None, "the notice was sent; alert manager asked for info"),
    ("fatal", "panic: runtime error: index out of range"),
    ("fatal", "2024/05/01 10:00:00 [emerg] 1#1: host not found"),
    ("error", "2024-05-01 10:00:00 [error    ] boom"),
    ("warning", "[WARNING]  (8) : Server x is DOWN"),
    (None, "Killed"),
    ("error", "npm ERR! code ELIFECYCLE"),
    ("error", "Error: connect ECONNREFUSED"),
    ("warning", "NOTICE: PHP message: [2026-11-12T09:56:01Z] app.WARNING: stock lookup failed"),
    ("fatal", '[12-Nov-2026 09:19:02] WARNING: [pool www] child 6 said into stderr: "PHP Fatal error:  Uncaught"'),
    ("error", "[2024-05-01 10:00:00] production.ERROR: boom"),
    (None, "GET /a.ERROR HTTP/1.1"),
]


@pytest.mark.parametrize(("level", "line"), LEVELS)
def test_the_level_is_what_the_line_says_of_itself(level: str | None, line: str):
    assert level_of(line) == level


@pytest.mark.parametrize(
    ("line", "at", "message"),
    [
        (
            '::1 - - [01/May/2024:10:00:00 +0200] "GET / HTTP/1.1" 200 1',
            "2024-05-01T08:00:00+00:00",
            '"GET / HTTP/1.1"',
        ),
        ("1:M 01 May 2024 10:00:00.123 # Out of memory", "2024-05-01T10:00:00.123000+00:00", "# Out of memory"),
        ('{"level":50,"time":1714557600123,"msg":"x"}', "2024-05-01T10:00:00.123000+00:00", "x"),
        ('{"ts":1714557600.5,"msg":"x","err":{"message":"boom"}}', "2024-05-01T10:00:00.500000+00:00", "x — boom"),
        (
            '{"t":{"$date":"2024-05-01T10:00:00Z"},"msg":"x failed","attr":{"error":{"code":30,"errmsg":"too open"}}}',
            "2024-05-01T10:00:00+00:00",
            "x failed — 30 too open",
        ),
        ('level=error ts=2024-05-01T10:00:00Z msg="a b" err=eof', "2024-05-01T10:00:00+00:00", "a b — eof"),
        ("31/Foo/2024:10:00:00 of no month", "None", "of no month"),
    ],
)
def test_times_and_messages_of_other_shapes(line: str, at: str, message: str):
    found = parse(line)
    assert (found.at.isoformat() if found.at else "None") == at
    assert message in found.message
