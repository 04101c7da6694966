"""What a terminal's viewer sees of what the agent says."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from carrel.server.api.live import Channel, ExecRequest
from carrel.server.live.session import LinkSession
from carrel.server.live.workspaces import command_line


class Process:
    """An SSH process that has printed and ended."""

    def __init__(self, stdout: bytes, stderr: bytes) -> None:
        self.stdout, self.stderr = asyncio.StreamReader(), asyncio.StreamReader()
        for stream, data in ((self.stdout, stdout), (self.stderr, stderr)):
            stream.feed_data(data)
            stream.feed_eof()


async def seen(kind: type[LinkSession], stdout: bytes, stderr: bytes) -> list[tuple[Channel, bytes]]:
    session = kind(cast("Any", Process(stdout, stderr)))
    return [piece async for piece in session.output()]


async def test_a_command_shows_both_streams() -> None:
    assert sorted(await seen(LinkSession, b"out", b"err")) == [(Channel.STDOUT, b"out"), (Channel.STDERR, b"err")]


@pytest.mark.parametrize(
    ("request_", "line"),
    [
        (ExecRequest(), None),
        (ExecRequest(argv=("echo", "a b", "$X")), "echo 'a b' '$X'"),
        (ExecRequest(command="echo $X"), "echo $X"),
        (ExecRequest(argv=("ls",), cwd="/a b"), "cd -- '/a b' && ls"),
        (ExecRequest(cwd="/tmp"), 'cd -- /tmp && exec "${SHELL:-/bin/sh}" -l'),
    ],
)
def test_the_shell_gets_the_words_unchanged(request_: ExecRequest, line: str | None) -> None:
    assert command_line(request_) == line
