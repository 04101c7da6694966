"""What is passed on of a hook's log while it grows."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from carrel.agent.capped_log import CappedLog, read_log
from carrel.core.agent import HookStatus, Progress
from carrel.links.link import Link
from carrel.server.reconcile.agents import LOG_CHUNK_BYTES, _copy, step_line, whole_lines

AT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("log", "stream"),
    [
        ("hook/postCreate-0", "hook:postCreate"),
        ("hook/postCreate-2", "hook:postCreate-2"),
        ("hook/postCreate-0-web", "hook:postCreate-web"),
        ("hook/postCreate-1-db-seed", "hook:postCreate-1-db-seed"),
        ("hook/dotfiles-0-ana-dotfiles", "hook:dotfiles"),
        ("app/code-extensions", "hook:extensions"),
    ],
)
def test_each_command_has_a_stream_of_its_own(log: str, stream: str) -> None:
    stage = stream.partition(":")[2].partition("-")[0]
    assert HookStatus(stage, "", "", Progress.DONE, log).stream() == stream


def test_a_line_that_is_still_being_written_waits() -> None:
    assert whole_lines(b"one\ntw", is_last=False) == b"one\n"
    assert whole_lines(b"tw", is_last=False) == b""


def test_the_end_of_a_log_needs_no_line_end() -> None:
    assert whole_lines(b"one\ntwo", is_last=True) == b"one\ntwo"


def test_a_line_longer_than_a_piece_is_passed_on_in_pieces() -> None:
    piece = b"x" * LOG_CHUNK_BYTES
    assert whole_lines(piece, is_last=False) == piece


@pytest.mark.conformance("C402")
def test_lines_that_name_a_step_are_shown_as_its_text() -> None:
    lines = ["::step::Installing packages", "npm install", "::endstep::", "::step::", " ::step::no"]
    assert [step_line(line) for line in lines] == ["Installing packages", "npm install", None, None, " ::step::no"]


class LinkToLog:
    """Answers `log.read` as an agent does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.control = self

    async def request(self, verb: str, **words: Any) -> dict[str, Any]:
        assert verb == "log.read"
        data, offset, size = read_log(str(self.path), words["offset"], words["limit"])
        return {"data": b64encode(data).decode(), "offset": offset, "next": offset + len(data), "size": size}


async def test_a_log_that_lost_its_middle_is_copied_to_its_end(tmp_path: Path) -> None:
    log = CappedLog(str(tmp_path / "log"), head=1000, tail=1000)
    copied: dict[str, int] = {}
    lines: list[str] = []
    running = HookStatus("onCreate", "", "", Progress.RUNNING, "hook/onCreate-0", began=AT)
    link = cast("Link", LinkToLog(tmp_path / "log"))
    log.write(b"first line\n")
    await _copy(link, running, copied, lines.append)
    for number in range(1000):  # the head ends in the middle of a line
        log.write(b"line %d\n" % number)
    await _copy(link, running, copied, lines.append)
    log.write(b"last line")
    await _copy(link, replace(running, ended=AT), copied, lines.append)
    log.close()
    assert (lines[0], lines[-2:]) == ("first line", ["line 999", "last line"])
    assert copied == {running.run(): 11 + sum(len(f"line {number}\n") for number in range(1000)) + 9}
