"""Compiles the init and starts it."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tests.unit.toolbox.running_init import RunningInit, StartInit, start_as_pid_1

from carrel.runtimes.toolbox_inputs import recipe_folder


@pytest.fixture(scope="session")
def init_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The init, compiled with the warnings that its recipe treats as errors."""
    program = tmp_path_factory.mktemp("init") / "init"
    warnings = ["-Wall", "-Wextra", "-Werror", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wformat=2"]
    source = recipe_folder() / "init" / "init.c"
    subprocess.run(["cc", "-std=c17", "-Os", "-static", *warnings, "-o", program, source], check=True)
    return program


@pytest.fixture
async def start_init(init_program: Path, tmp_path: Path) -> AsyncIterator[StartInit]:
    """Starts an init whose agent is a shell script, with a record made of `key=value` entries."""
    async with AsyncExitStack() as stack:

        async def start(agent: str, *record: str) -> RunningInit:
            file = tmp_path / "record"
            file.write_bytes(b"".join(entry.encode() + b"\0" for entry in record))
            argv = [str(init_program), "--record", str(file), "--", "/bin/sh", "-c", agent]
            running = await start_as_pid_1(argv)
            stack.push_async_callback(_kill, running)
            return running

        yield start


async def _kill(running: RunningInit) -> None:
    if running.process.returncode is None:
        running.process.kill()  # --kill-child takes the whole namespace along
    await running.process.communicate()
