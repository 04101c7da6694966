"""The carrel command in a process of its own, and a server of sessions for it."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.integration.cli.session_server import TOKEN, SessionServer, session_server

Carrel = Callable[..., Awaitable[Process]]


@pytest.fixture
async def server() -> AsyncIterator[SessionServer]:
    """A server whose sessions a test scripts."""
    async with session_server() as running:
        yield running


@pytest.fixture
async def carrel(server: SessionServer, tmp_path: Path) -> AsyncIterator[Carrel]:
    """Starts `carrel ...` against the server, with pipes."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "CARREL_URL": server.url,
        "CARREL_TOKEN": TOKEN,
        "CARREL_DATA_DIR": str(tmp_path / "data"),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    started: list[Process] = []

    async def start(*words: str, **options: Any) -> Process:
        pipes: dict[str, Any] = {"stdin": PIPE, "stdout": PIPE, "stderr": PIPE} | options
        environ = environment | pipes.pop("env", {})
        module = pipes.pop("module", "carrel.cli")
        command = (sys.executable, "-P", *(("-m", module) if module else ()))
        process = await asyncio.create_subprocess_exec(*command, *words, env=environ, **pipes)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.wait()
