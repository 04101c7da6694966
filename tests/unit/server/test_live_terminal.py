"""What a terminal's viewer gets of what the agent says, and the agent of what the viewer does."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import pytest

from carrel.core.problems import Problem
from carrel.server.api.live import Channel, TerminalSize, TerminalWish
from carrel.server.live.terminal import TerminalSession, variables

VIEWER = "0123456789abcdef"
HELLO = {"terminal": "main", "offset": 5, "typed": 2, "known": True, "created": False, "cols": 80, "rows": 24}


class Sink:
    """Standard input of the channel."""

    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data

    async def drain(self) -> None:
        pass


class Process:
    """An SSH process that has printed and ended."""

    exit_signal = None

    def __init__(self, stdout: bytes, *said: dict[str, Any], status: int | None = 0) -> None:
        self.stdin = Sink()
        self.exit_status = status
        self.sizes: list[tuple[int, int]] = []
        self.stdout, self.stderr = asyncio.StreamReader(), asyncio.StreamReader()
        lines = b"".join(json.dumps(document).encode() + b"\n" for document in said)
        for stream, data in ((self.stdout, stdout), (self.stderr, lines)):
            stream.feed_data(data)
            stream.feed_eof()

    def change_terminal_size(self, cols: int, rows: int) -> None:
        self.sizes.append((cols, rows))

    async def wait_closed(self) -> None:
        pass


def session(process: Process, **wish: Any) -> TerminalSession:
    return TerminalSession(cast("Any", process), TerminalWish("main", **wish))


async def seen(process: Process, **wish: Any) -> list[tuple[Channel, bytes]]:
    return [piece async for piece in session(process, **wish).output()]


async def test_who_cannot_come_back_gets_the_output_and_not_what_the_agent_says_about_it() -> None:
    said = {"terminal": "main", "offset": 0, "created": True}
    assert await seen(Process(b"$ ", said)) == [(Channel.STDOUT, b"$ ")]


async def test_a_terminal_that_cannot_be_attached_says_why() -> None:
    said = {"terminal": "main", "error": "no shell"}
    assert await seen(Process(b"", said)) == [(Channel.STDERR, b"no shell")]
    problem = {"kind": "not_found", "detail": "It has ended."}
    with pytest.raises(Problem, match="It has ended"):
        await seen(Process(b"", said | {"problem": problem}), viewer=VIEWER, offset=3)
    with pytest.raises(Problem, match="no shell"):
        await seen(Process(b"", said), viewer=VIEWER)


async def test_a_viewer_is_greeted_before_any_output_and_told_what_it_has_to_know() -> None:
    process = Process(b"output", HELLO | {"secret": 1}, {"typed": 9}, {"cols": 1, "rows": 2, "attached": 3}, {"x": 1})
    greeting, *rest = await seen(process, viewer=VIEWER)
    assert greeting[0] is Channel.CONTROL
    assert json.loads(greeting[1])["terminal"] == {name: HELLO[name] for name in HELLO if name != "terminal"}
    assert (Channel.STDOUT, b"output") in rest
    told = [json.loads(data) for channel, data in rest if channel is Channel.CONTROL]
    assert told == [{"typed": 9}, {"cols": 1, "rows": 2, "attached": 3}]


async def test_what_a_viewer_types_sees_and_that_it_leaves_is_told_to_the_agent() -> None:
    process = Process(b"", HELLO)
    terminal = session(process, viewer=VIEWER)
    async for _ in terminal.output():
        pass
    await terminal.write(b"ls")
    await terminal.note({"seen": 7})
    for nonsense in ({"seen": "7"}, {"seen": -1}, {"bye": 1}, {}):
        await terminal.note(nonsense)
    await terminal.note({"bye": True})
    assert process.stdin.written == b'I\0\0\0\x02lsS\0\0\0\x0b{"seen": 7}B\0\0\0\0'


async def test_an_older_agent_gets_the_bytes_alone() -> None:
    process = Process(b"$ ", {"terminal": "main", "offset": 0, "created": True})
    terminal = session(process, viewer=VIEWER)
    pieces = terminal.output()
    greeting = json.loads((await anext(pieces))[1])["terminal"]
    assert (greeting["typed"], greeting["known"]) == (0, False)
    await terminal.write(b"ls\n")
    await terminal.note({"seen": 2, "bye": True})
    assert process.stdin.written == b"ls\n"
    rest = [piece async for piece in pieces]
    assert (Channel.CONTROL, b'{"typed": 3}') in rest


async def test_a_page_that_asks_whether_anybody_is_there_is_answered() -> None:
    terminal = session(Process(b"", HELLO), viewer=VIEWER)
    await terminal.note({"ping": 7})
    assert (Channel.CONTROL, b'{"pong": 7}') in [piece async for piece in terminal.output()]


async def test_an_older_agent_shows_nothing_read_only() -> None:
    with pytest.raises(Problem, match="older"):
        await seen(Process(b"$ ", {"terminal": "main", "offset": 0, "created": True}), read_only=True)


async def test_who_only_looks_on_neither_types_nor_resizes() -> None:
    process = Process(b"", HELLO | {"read_only": True})
    terminal = session(process, viewer=VIEWER, read_only=True)
    await terminal.write(b"rm -rf /\n")
    await terminal.resize(TerminalSize(1, 1))
    assert process.stdin.written == b""
    assert process.sizes == []


async def test_a_lost_channel_is_not_the_end_of_the_terminal() -> None:
    with pytest.raises(Problem, match="goes on running"):
        await session(Process(b"", HELLO, status=None), viewer=VIEWER).wait()
    assert (await session(Process(b"", HELLO, status=255), viewer=VIEWER).wait()).status == 255
    with pytest.raises(Problem, match="connection to the workspace"):
        await seen(Process(b""), viewer=VIEWER)


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({}, {}),
        ({"read_only": True}, {"CARREL_TERMINAL_READ_ONLY": "1"}),
        ({"offset": 7}, {}),
        (
            {"viewer": VIEWER, "offset": 7, "keep_seconds": 60},
            {"CARREL_TERMINAL_VIEWER": VIEWER, "CARREL_TERMINAL_FROM": "7", "CARREL_TERMINAL_KEEP": "60"},
        ),
    ],
)
def test_the_agent_is_told_of_the_viewer_by_variables(wish: dict[str, Any], told: dict[str, str]) -> None:
    assert variables(TerminalWish("main", **wish)) == told
