"""Compiles the init and starts it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tests.unit.toolbox.running_init import RunningInit, StartInit, StartPid1, start_as_pid_1

from carrel.runtimes.toolbox_inputs import recipe_folder


@pytest.fixture(scope="session")
def init_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The init, compiled with the warnings that its recipe treats as errors."""
    program = tmp_path_factory.mktemp("init") / "init"
    warnings = ["-Wall", "-Wextra", "-Werror", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wformat=2"]
    sources = sorted((recipe_folder() / "init").glob("*.c"))
    subprocess.run(["cc", "-std=c17", "-Os", "-static", *warnings, "-o", program, *sources], check=True)
    return program


@pytest.fixture
async def start_pid_1(init_program: Path) -> AsyncIterator[StartPid1]:
    """Starts an init with arguments of its own; ends it and everything in it afterwards."""
    async with AsyncExitStack() as stack:

        async def start(*arguments: str, network: bool = False) -> RunningInit:
            running = await start_as_pid_1([str(init_program), *arguments], *(["--net"] if network else []))
            stack.push_async_callback(_kill, running)
            return running

        yield start


@pytest.fixture
def start_init(start_pid_1: StartPid1, tmp_path: Path) -> StartInit:
    """Starts an init whose agent is a shell script, with a record made of `key=value` entries."""

    async def start(agent: str, *record: str, network: bool = False) -> RunningInit:
        file = tmp_path / "record"
        file.write_bytes(b"".join(entry.encode() + b"\0" for entry in record))
        return await start_pid_1("--record", str(file), "--", "/bin/sh", "-c", agent, network=network)

    return start


async def _kill(running: RunningInit) -> None:
    if running.process.returncode is None:
        running.signal(signal.SIGKILL)  # PID 1 takes the whole namespace along
    await running.process.communicate()
