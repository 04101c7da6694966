"""`carrel exec` and `carrel ssh`, in a process of their own, against a server that does what the test says."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import pty
import random
import signal
import struct
import termios
from asyncio.subprocess import PIPE

import pytest
from tests.integration.cli.conftest import Carrel
from tests.integration.cli.session_server import STDERR, TOKEN, Conversation, SessionServer


@pytest.mark.conformance("C449")
async def test_the_exit_status_is_the_commands_own(server: SessionServer, carrel: Carrel) -> None:
    async def script(session: Conversation) -> None:
        await session.tell(exit={"status": 7})

    server.script = script
    process = await carrel("exec", "blog", "false")
    assert await process.communicate() == (b"", b"")
    assert process.returncode == 7


@pytest.mark.conformance("C449")
async def test_a_signal_that_ended_the_command_is_told_as_a_shell_does(server: SessionServer, carrel: Carrel) -> None:
    async def script(session: Conversation) -> None:
        await session.tell(exit={"signal": "KILL"})

    server.script = script
    process = await carrel("exec", "blog", "sleep", "9")
    await process.communicate()
    assert process.returncode == 128 + signal.SIGKILL


async def test_the_words_after_the_name_are_the_command(server: SessionServer, carrel: Carrel) -> None:
    asked = []

    async def script(session: Conversation) -> None:
        asked.append(session.opening)
        await session.tell(exit={"status": 0})

    server.script = script
    await (await carrel("exec", "-e", "A=1", "-w", "/tmp", "blog", "ls", "-e", "--", "x y")).communicate()
    await (await carrel("ssh", "blog", "ls", "-l", "|", "wc")).communicate()
    assert asked[0] == {"tty": False, "env": {"A": "1"}, "cwd": "/tmp", "argv": ["ls", "-e", "--", "x y"]}
    assert asked[1] == {"tty": False, "env": {}, "cwd": "", "command": "ls -l | wc"}
    assert server.paths == ["/api/v1/workspaces/blog/exec"] * 2


@pytest.mark.parametrize(
    ("words", "setting", "asks"),
    [(["--start"], "", True), (["-s"], "", True), ([], "1", True), (["--no-start"], "1", False), ([], "0", False)],
)
async def test_a_stopped_workspace_is_started_first_where_that_is_asked_for(
    server: SessionServer, carrel: Carrel, words: list[str], setting: str, *, asks: bool
) -> None:
    async def script(session: Conversation) -> None:
        await session.tell(exit={"status": 3})

    async def wakes(session: Conversation) -> None:
        await session.tell(phase="starting")
        await session.tell(phase="running")

    server.script = script
    server.before = wakes
    process = await carrel("exec", *words, "blog", "true", env={"CARREL_START_ON_CONNECT": setting})
    assert (await process.communicate(), process.returncode) == ((b"", b""), 3)
    assert server.paths == ["/api/v1/workspaces/blog/exec" + ("?start=true" if asks else "")]


async def test_a_start_that_fails_is_said(server: SessionServer, carrel: Carrel) -> None:
    async def fails(session: Conversation) -> None:
        await session.tell(problem={"title": "The build failed", "detail": "Line 3.", "hint": "Mend it."})

    server.before = fails
    process = await carrel("ssh", "--start", "blog")
    assert (await process.communicate())[1] == b"carrel ssh: The build failed: Line 3.\nhint: Mend it.\n"
    assert process.returncode == 255


async def test_output_and_errors_are_kept_apart(server: SessionServer, carrel: Carrel) -> None:
    async def script(session: Conversation) -> None:
        await session.print(b"out\n")
        await session.print(b"err\n", STDERR)
        await session.tell(exit={"status": 0})

    server.script = script
    process = await carrel("exec", "blog", "x")
    assert await process.communicate() == (b"out\n", b"err\n")


async def test_binary_data_goes_through_unchanged_both_ways(server: SessionServer, carrel: Carrel) -> None:
    data = random.Random(1).randbytes(5_000_000)

    async def script(session: Conversation) -> None:
        echoed = 0
        while echoed < len(data):
            piece = await session.stdin.get()
            echoed += len(piece)
            await session.print(piece)
        assert await session.told.get() == {"eof": True}
        await session.tell(exit={"status": 0})

    server.script = script
    process = await carrel("exec", "blog", "cat")
    out, err = await process.communicate(data)
    assert (process.returncode, err) == (0, b"")
    assert hashlib.sha256(out).digest() == hashlib.sha256(data).digest()


@pytest.mark.parametrize("words", [("exec", "-n", "blog", "cat"), ("exec", "blog", "cat")])
async def test_the_end_of_input_is_passed_on(server: SessionServer, carrel: Carrel, words: tuple[str, ...]) -> None:
    async def script(session: Conversation) -> None:
        assert await session.told.get() == {"eof": True}
        await session.tell(exit={"status": 0})

    server.script = script
    process = await carrel(*words, stdin=asyncio.subprocess.DEVNULL)
    assert await asyncio.wait_for(process.wait(), 60) == 0


async def test_a_closed_stdin_is_an_empty_one(server: SessionServer, carrel: Carrel) -> None:
    async def script(session: Conversation) -> None:
        assert await session.told.get() == {"eof": True}
        await session.print(b"0\n")
        await session.tell(exit={"status": 0})

    server.script = script
    process = await carrel("exec", "blog", "wc", stdin=None, preexec_fn=lambda: os.close(0))
    assert await process.communicate() == (b"0\n", b"")


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP", "USR1"])
async def test_signals_go_to_the_command(server: SessionServer, carrel: Carrel, name: str) -> None:
    begun = asyncio.Event()

    async def script(session: Conversation) -> None:
        await session.print(b"ready\n")
        begun.set()
        assert await session.told.get() == {"signal": name}
        await session.tell(exit={"status": 42})

    server.script = script
    process = await carrel("exec", "blog", "sleep", "9")
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    process.send_signal(getattr(signal, f"SIG{name}"))
    assert await asyncio.wait_for(process.wait(), 60) == 42


async def test_the_third_interrupt_ends_a_session_that_does_not_listen(server: SessionServer, carrel: Carrel) -> None:
    ended = asyncio.Event()

    async def script(session: Conversation) -> None:
        await session.print(b"ready\n")
        for answer in (b"no\n", b"no\n", b""):
            assert await session.told.get() == {"signal": "INT"}
            if answer:
                await session.print(answer)
        await session.socket.wait_closed()
        ended.set()

    server.script = script
    process = await carrel("exec", "blog", "stubborn")
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        assert await process.stdout.readline() == b"no\n"
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), 60) == 128 + signal.SIGINT
    await asyncio.wait_for(ended.wait(), 60)


async def test_a_refusal_is_said_with_its_hint(server: SessionServer, carrel: Carrel) -> None:
    server.refusal = (409, {"kind": "not_running", "title": "The workspace is not running", "hint": "Start it."})
    process = await carrel("exec", "blog", "true")
    out, err = await process.communicate()
    assert (process.returncode, out) == (255, b"")
    assert err.decode().splitlines() == ["carrel exec: The workspace is not running", "hint: Start it."]


async def test_a_wrong_token_is_said(server: SessionServer, carrel: Carrel) -> None:
    process = await carrel("exec", "blog", "true", env={"CARREL_TOKEN": TOKEN + "x"})
    _, err = await process.communicate()
    assert (process.returncode, b"Sign in first" in err) == (255, True)


async def test_a_problem_in_the_middle_is_said(server: SessionServer, carrel: Carrel) -> None:
    async def script(session: Conversation) -> None:
        await session.print(b"half")
        await session.tell(problem={"title": "The workspace's agent does not answer", "detail": "It is gone."})
        await session.socket.close(4000)

    server.script = script
    process = await carrel("ssh", "blog")
    out, err = await process.communicate()
    assert (process.returncode, out) == (255, b"half")
    assert err == b"carrel ssh: The workspace's agent does not answer: It is gone.\n"


@pytest.mark.parametrize("ended", [{"status": None}, None])
async def test_a_lost_connection_is_no_success(
    server: SessionServer, carrel: Carrel, ended: dict[str, None] | None
) -> None:
    async def script(session: Conversation) -> None:
        if ended is not None:
            await session.tell(exit=ended)
        await session.socket.close(1011)

    server.script = script
    process = await carrel("exec", "blog", "true")
    _, err = await process.communicate()
    assert process.returncode == 255
    assert b"connection" in err.lower()


async def test_no_server_is_said(carrel: Carrel) -> None:
    process = await carrel("exec", "blog", "true", env={"CARREL_URL": "http://127.0.0.1:9"})
    _, err = await process.communicate()
    assert process.returncode == 255
    assert err.splitlines()[-1] == b"hint: `carrel doctor` says what is missing."


async def test_output_that_nobody_reads_ends_the_command(server: SessionServer, carrel: Carrel) -> None:
    ended = asyncio.Event()

    async def script(session: Conversation) -> None:
        try:
            while True:
                await session.print(b"y\n" * 30_000)
        finally:
            ended.set()

    server.script = script
    read, write = os.pipe()
    process = await carrel("exec", "blog", "yes", stdout=write)
    os.close(write)
    assert (await asyncio.to_thread(os.read, read, 2)) == b"y\n"
    os.close(read)  # as `| head -1` does
    assert await asyncio.wait_for(process.wait(), 60) == 141
    assert process.stderr is not None
    assert await process.stderr.read() == b""
    await asyncio.wait_for(ended.wait(), 60)


async def test_other_peoples_workspaces_are_named_with_their_owner(server: SessionServer, carrel: Carrel) -> None:
    async def script(session: Conversation) -> None:
        await session.tell(exit={"status": 0})

    server.script = script
    server.workspaces["/api/v1/workspaces/blog?owner=ana"] = "abc123"
    process = await carrel("ssh", "ana/blog", "true")
    assert (await process.wait(), server.paths[-1]) == (0, "/api/v1/workspaces/abc123/exec")


async def test_a_name_cannot_lead_to_another_path(server: SessionServer, carrel: Carrel) -> None:
    server.refusal = (404, {"title": "There is no such thing"})
    await (await carrel("exec", "..%2F?x", "true")).wait()
    assert server.paths == ["/api/v1/workspaces/..%252F%3Fx/exec"]


async def test_a_terminal_has_a_size_and_is_raw(server: SessionServer, carrel: Carrel) -> None:
    master, slave = pty.openpty()
    _set_size(slave, 100, 30)
    before = termios.tcgetattr(slave)
    told = asyncio.Event()

    async def script(session: Conversation) -> None:
        opening = session.opening
        assert (opening["tty"], opening["cols"], opening["rows"], opening["term"]) == (True, 100, 30, "vt100")
        await session.print(b"$ ")
        assert await session.stdin.get() == b"\x03"  # Ctrl-C is a byte for the far terminal, not a signal here
        told.set()
        assert await session.told.get() == {"resize": {"cols": 120, "rows": 40}}
        await session.tell(exit={"status": 130})

    server.script = script
    process = await carrel("ssh", "blog", stdin=slave, stdout=slave, stderr=PIPE, env={"TERM": "vt100"})
    loop = asyncio.get_running_loop()
    assert await loop.run_in_executor(None, os.read, master, 10) == b"$ "
    os.write(master, b"\x03")
    await asyncio.wait_for(told.wait(), 60)
    _set_size(slave, 120, 40)
    process.send_signal(signal.SIGWINCH)
    assert await asyncio.wait_for(process.wait(), 60) == 130
    assert termios.tcgetattr(slave) == before
    os.close(master)
    os.close(slave)


def _set_size(terminal: int, columns: int, lines: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


@pytest.mark.parametrize(
    "words",
    [("exec",), ("exec", "blog"), ("exec", "--", "ls"), ("exec", "--what", "blog", "ls"), ("ssh",), ("ssh", "-e")],
)
async def test_a_wrong_call_is_answered_with_the_usage(carrel: Carrel, words: tuple[str, ...]) -> None:
    process = await carrel(*words)
    _, err = await process.communicate()
    assert process.returncode == 2
    assert err.decode().splitlines()[-1].startswith(f"usage: carrel {words[0]} ")
