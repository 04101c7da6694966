"""The local server: started once when it is needed, found again, replaced when it was killed, stopped on request."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import stat
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from carrel.cli import local_server
from carrel.cli.server_address import is_alive

NO_ENGINE = "unix:///nonexistent/docker.sock"
"""The server runs without an engine, too; it only says so."""


@dataclass(frozen=True)
class Ended:
    """What a command did."""

    status: int
    out: str
    err: str


Carrel = Callable[..., Coroutine[None, None, Ended]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def environment(data: Path, tmp_path: Path) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "CARREL_DATA_DIR": str(data),
        "CARREL_PORT": str(port),
        "CARREL_DOCKER_HOST": NO_ENGINE,
    }


@pytest.fixture
async def carrel(environment: dict[str, str], data: Path) -> AsyncIterator[Carrel]:
    """Runs a command to its end."""

    async def run(*words: str, **more: str) -> Ended:
        process = await started(environment | more, *words)
        out, err = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode is not None
        return Ended(process.returncode, out.decode(), err.decode())

    yield run
    pid = data / "pid"
    if pid.exists() and int(pid.read_text()) != os.getpid():
        with suppress(ProcessLookupError):
            os.kill(int(pid.read_text()), signal.SIGKILL)


async def started(environment: dict[str, str], *words: str) -> Process:
    command = (sys.executable, "-P", "-m", "carrel.cli", *words)
    return await asyncio.create_subprocess_exec(*command, env=environment, stdin=PIPE, stdout=PIPE, stderr=PIPE)


def server_pid(data: Path) -> int:
    return int((data / "pid").read_text())


async def gone(pid: int) -> None:
    async with asyncio.timeout(60):
        while is_alive(pid):
            await asyncio.sleep(0.01)


async def test_commands_at_the_same_time_start_one_server(carrel: Carrel, data: Path) -> None:
    ended = await asyncio.gather(*(carrel("ls", "-o", "json") for _ in range(3)))
    assert [(one.status, one.out) for one in ended] == [(0, "[]\n")] * 3, ended
    starts = [one for one in ended if "Starting the Carrel server in the background" in one.err]
    assert len(starts) == 1
    assert str(data / "server.log") in starts[0].err
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "server.log").stat().st_mode) == 0o600


async def test_a_server_lives_until_it_is_stopped(carrel: Carrel, data: Path) -> None:
    assert (await carrel("server", "status")).status == 5
    assert (await carrel("server", "start")).status == 0
    pid = server_pid(data)
    assert (await carrel("ls")).err == "There is no workspace. `carrel up SOURCE` makes one.\n"
    status = json.loads((await carrel("server", "status", "-o", "json")).out)
    assert status["runs"] is True
    assert "runtime cannot be used" in status["problems"][0]
    assert (await carrel("server", "stop")).err == "The server is stopped.\n"
    assert not is_alive(pid)
    assert not (data / "url").exists()
    assert (await carrel("server", "stop")).err == "The local server does not run.\n"


async def test_a_server_that_was_killed_is_started_anew(carrel: Carrel, data: Path) -> None:
    await carrel("ls")
    killed = server_pid(data)
    os.kill(killed, signal.SIGKILL)
    await gone(killed)
    assert (data / "url").exists()
    ended = await carrel("ls")
    assert (ended.status, "Starting" in ended.err) == (0, True)
    assert server_pid(data) != killed


async def test_files_that_name_another_programs_process_do_not_count(carrel: Carrel, data: Path) -> None:
    data.mkdir()
    stale = {"url": "http://127.0.0.1:9", "pid": str(os.getpid()), "token": "carrel_personal_x"}
    for name, text in stale.items():
        (data / name).write_text(text)
    assert not local_server.stop(data)
    assert (await carrel("ls")).status == 0
    assert server_pid(data) != os.getpid()


@pytest.mark.parametrize("words", [("exec", "blog", "true"), ("ssh", "blog")])
async def test_a_session_starts_the_server_too(carrel: Carrel, words: tuple[str, ...]) -> None:
    ended = await carrel(*words)
    assert ended.status == 255
    assert "Starting the Carrel server" in ended.err
    assert "You have no workspace 'blog'" in ended.err


async def test_up_without_an_engine_says_how_to_get_one_and_makes_nothing(carrel: Carrel, tmp_path: Path) -> None:
    ended = await carrel("up", "https://git.example.org/ana/blog")
    assert ended.status == 1
    assert "There is no container engine: " in ended.err
    assert "apt install docker.io" in ended.err
    assert (await carrel("ls", "-o", "json")).out == "[]\n"


async def test_a_busy_port_is_said_with_the_servers_own_words(carrel: Carrel, data: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        ended = await carrel("ls", CARREL_PORT=str(busy.getsockname()[1]))
    assert ended.status == 5
    assert "The port is in use" in ended.err
    assert f"The whole log is {data / 'server.log'}" in ended.err


async def test_a_server_in_the_foreground_ends_by_an_interrupt(environment: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "other"
    words = ("server", "--port", "0", "--data-dir", str(folder), "--set", "ttl_seconds=120")
    process = await started(environment, *words)
    async with asyncio.timeout(60):
        while local_server.answering(folder) is None:
            assert process.returncode is None
            await asyncio.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, out) == (0, b""), err
    assert not (folder / "url").exists()


@pytest.mark.parametrize("words", [("--set", "ttl_seconds"), ("--port", "70000")])
async def test_a_server_that_is_called_wrongly_does_not_start(carrel: Carrel, words: tuple[str, ...]) -> None:
    assert (await carrel("server", *words)).status == 2


async def test_a_setting_that_is_not_known_is_said(carrel: Carrel) -> None:
    ended = await carrel("server", "--set", "ttl_second=1")
    assert ended.status == 1
    assert "ttl_seconds" in ended.err
