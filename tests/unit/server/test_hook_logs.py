"""What is passed on of a hook's log while it grows."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any, cast

from carrel.agent.capped_log import CappedLog, read_log
from carrel.links.link import Link
from carrel.server.reconcile.agents import LOG_CHUNK_BYTES, _copy, whole_lines


def test_a_line_that_is_still_being_written_waits() -> None:
    assert whole_lines(b"one\ntw", is_last=False) == b"one\n"
    assert whole_lines(b"tw", is_last=False) == b""


def test_the_end_of_a_log_needs_no_line_end() -> None:
    assert whole_lines(b"one\ntwo", is_last=True) == b"one\ntwo"


def test_a_line_longer_than_a_piece_is_passed_on_in_pieces() -> None:
    piece = b"x" * LOG_CHUNK_BYTES
    assert whole_lines(piece, is_last=False) == piece


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
    link = cast("Link", LinkToLog(tmp_path / "log"))
    log.write(b"first line\n")
    await _copy(link, "log", copied, lines.append, has_ended=False)
    for number in range(1000):  # the head ends in the middle of a line
        log.write(b"line %d\n" % number)
    await _copy(link, "log", copied, lines.append, has_ended=False)
    log.write(b"last line")
    await _copy(link, "log", copied, lines.append, has_ended=True)
    log.close()
    assert (lines[0], lines[-2:]) == ("first line", ["line 999", "last line"])
    assert copied == {"log": 11 + sum(len(f"line {number}\n") for number in range(1000)) + 9}
