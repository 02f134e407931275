"""Logs as they come: empty, huge, binary, coloured, out of order, by a wrong clock. None is a reason to fail."""

from datetime import timedelta
from pathlib import Path

import pytest

from agent_graph.logs.digest import MAX_KEPT_BYTES, digest
from agent_graph.safety.evidence import safe_log
from tests.agent_graph.asking import first, sources
from tests.agent_graph.cases import BEGAN, case, down, monitor

FATAL = "FATAL ledger: could not renew lease 4711"


def stamp(seconds: float = 0.0) -> str:
    return f"{BEGAN + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("raw", [b"", b"\n\n \n\t\n", b"\0\0\0", b"\r\r\n", b"\x1b[0m\x1b[2J", b"\xef\xbb\xbf"])
def test_nothing_is_no_line(raw: bytes):
    found = digest(safe_log(raw))
    assert (found.lines, found.content, found.summary) == (0, "", "No log lines in this window.")


@pytest.mark.parametrize(
    "line",
    [
        b"\x1b[31m\x1b[1mFATAL\x1b[0m ledger: could not renew \x1b[4mlease\x1b[24m 4711",
        b"\x1b]0;a title\x07" + FATAL.encode(),
        b"\xff\xfe\0\x01" + FATAL.encode() + b"\0\x80\xc3",
        b" 10 %\r 50 %\r100 %\r" + FATAL.encode(),
        "\u202e\u200b".encode() + FATAL.encode() + b"\r",
        FATAL.encode("utf-8") + b"\x0b\x0c",
    ],
)
def test_the_line_is_found_under_colours_bytes_and_invisible_characters(line: bytes):
    ordinary = b"".join(b"%s INFO GET /orders/%d 200\n" % (stamp(n).encode(), n) for n in range(200))
    found = digest(safe_log(ordinary + stamp(100).encode() + b" " + line + b"\n" + ordinary))
    assert FATAL in found.content
    assert found.data["errors"] == 1
    assert not [c for c in found.content if c < " " and c != "\n"]


def test_noise_of_any_bytes_is_kept_within_its_size():
    noise = bytes((n * 7919 + n // 251) % 256 for n in range(2_000_000))
    found = digest(safe_log(noise))
    assert len(found.content.encode()) <= 4 * MAX_KEPT_BYTES
    assert "\0" not in found.content


def test_one_line_of_many_megabytes_is_cut_and_the_others_are_still_read():
    huge = "x" * 8_000_000 + " error " + "y" * 1_000_000
    found = digest(safe_log(f"{stamp()} INFO a\n{stamp(1)} {huge}\n{stamp(2)} {FATAL}\n".encode()))
    assert FATAL in found.content
    assert len(found.content) < MAX_KEPT_BYTES
    assert found.lines == 3


def test_an_answer_of_many_lines_stays_one_entry():
    trace = [
        f"{stamp(3)} ERROR request failed",
        "java.lang.IllegalStateException: pool is closed",
        *(f"\tat org.example.Pool.take(Pool.java:{n})" for n in range(60)),
        "Caused by: java.io.IOException: No space left on device",
        *(f"\tat org.example.Disk.write(Disk.java:{n})" for n in range(30)),
    ]
    sql = [f"{stamp(4)} INFO running", "    select *", "      from orders", "     where id = 4711"]
    found = digest("\n".join([*trace, *sql, *(f"{stamp(5 + n)} INFO ok" for n in range(50))]))
    assert "Caused by: java.io.IOException: No space left on device" in found.content
    assert "more lines of this trace" in found.content
    assert "     where id = 4711" in found.content
    assert found.data["errors"] == 1


def test_lines_out_of_order_are_all_there_and_the_span_is_right():
    order = [5, 3, 4, 0, 9, 8, 2, 7, 1, 6]
    found = digest("\n".join(f"{stamp(n)} ERROR number {n} of {'abcdefghij'[n]}" for n in order))
    assert found.lines == 10
    assert [(at or BEGAN) - BEGAN for at in (found.first_at, found.last_at)] == [timedelta(), timedelta(seconds=9)]
    late = digest("\n".join([f"{stamp(-7200)} INFO old", f"{stamp(5)} INFO new", f"{stamp(3)} {FATAL}"]), since=BEGAN)
    assert FATAL in late.content
    assert "INFO old" not in late.content


@pytest.mark.parametrize("hours", [-9.0, -0.5, 9.0])
def test_a_wrong_clock_hides_no_line_and_is_said(hours: float):
    lines = [f"{stamp(hours * 3600 + n)} INFO GET /{n}" for n in range(500)]
    found = digest("\n".join([*lines, f"{stamp(hours * 3600 + 600)} {FATAL}"]), since=BEGAN)
    assert FATAL in found.content
    assert ("by its own clock" in found.summary) == (hours < 0)


def test_times_that_are_none_do_not_hurt():
    odd = ["2026-13-45T99:99:99Z ERROR a", "0000-00-00 00:00:00 ERROR b", "9999-12-31T23:59:59-23:59 ERROR c"]
    found = digest("\n".join([f"{stamp()} ERROR d", *odd]), since=BEGAN)
    assert all(f"ERROR {letter}" in found.content for letter in "abcd")


async def test_the_last_words_of_a_service_that_died_long_ago_are_read(tmp_path: Path):
    folder = tmp_path / "drill" / "logs"
    folder.mkdir(parents=True)
    log = folder / "shop.log"
    log.write_text(f"{stamp(-7200)} INFO serving\n{stamp(-7100)} {FATAL}\n")
    told = case("shop", source_type="monitor", runtime=None, monitor=monitor(down(), logs_file=str(log)))
    async with sources(tmp_path) as opened:
        (found,) = await first(opened, "log_file", told)
    assert FATAL in found.content
    assert "all written before the window" in found.summary
