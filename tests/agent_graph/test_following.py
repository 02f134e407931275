"""What a complaint that only announces it goes on to say."""

import pytest

from agent_graph.analysts.rules.context.following import following
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.reading import read
from tests.agent_graph.cases import case, logs

_AT = "2026-11-21T03:00:0"


@pytest.mark.parametrize(
    ("head", "rest", "told"),
    [
        (
            "ValidationError: 1 validation error for Settings",
            ("0.1Z SMTP_HOST", "0.2Z   Field required"),
            "SMTP_HOST; ",
        ),
        ("ERROR Invalid environment variables:", ("0.1Z   MAIL_FROM: Required", "0.2Z Node.js v20"), "MAIL_FROM"),
        ("ERROR 2 problems found:", ("0.1Z at load (cfg.js:3:1)", "0.2Z PORT is empty"), "PORT is empty"),
        # What says all itself, what is said later, and a request in between belong to nothing.
        ("ERROR SMTP_HOST is not set", ("0.1Z using defaults",), ""),
        ("ERROR 2 problems found:", ("3Z worker 4 is idle",), ""),
        ("ERROR 2 problems found:", ('0.1Z 10.0.0.1 - - [x] "GET / HTTP/1.1" 200 12',), ""),
        ("ERROR 2 problems found:", ("0.1Z INFO listening on 80",), ""),
    ],
)
def test_what_is_announced_is_told(head: str, rest: tuple[str, ...], told: str) -> None:
    facts = read(case(), [logs(f"{_AT}0.0Z {head}", *(f"{_AT}{line}" for line in rest))])
    first = next(line for line in facts.lines if line.message.endswith(head.split()[-1]))
    finding = Finding("config_error", "web fails.", [first.cite()], "strong")
    said = " ".join(why for why, _ in following(finding, facts))
    assert told in said
    assert bool(said) == bool(told)
