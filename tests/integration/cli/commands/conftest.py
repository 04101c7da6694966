"""Every command against the real API, in this process; the loop is played."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from tests.integration.api.conftest import Running, serving, token_of
from tests.integration.cli.loop_play import LoopPlay

from carrel.cli.app import run_app
from carrel.core.access import Actor
from carrel.core.secret import Secret
from carrel.server.actions.local_owner import ensure_local_owner
from carrel.server.settings import Settings, load_settings
from carrel.server.store.engine import Store, utc_now
from carrel.server.store.keys import KeyRing

BLOG = "https://git.example.org/ana/blog.git"


@dataclass(frozen=True)
class Ended:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Carrel = Callable[..., Coroutine[Any, Any, Ended]]


@pytest.fixture
async def running(sqlite_url: Secret, keys: KeyRing, tmp_path: Path) -> AsyncIterator[Running]:
    """The API over a store of its own."""
    store = await Store.open(sqlite_url, keys, utc_now)

    def settings(port: int) -> Settings:
        return load_settings({}, overrides={"data_dir": tmp_path / "data", "port": port})

    with structlog.testing.capture_logs():  # the server's log is not the command's output
        async with serving(store, settings) as server:
            yield server
    await store.close()


@pytest.fixture
async def owner(running: Running, tmp_path: Path) -> Actor:
    user = await ensure_local_owner(running.parts.store, tmp_path / "data" / "token")
    return Actor(user.id, user.name, user.role)


@pytest.fixture
async def loop(running: Running) -> AsyncIterator[LoopPlay]:
    play = LoopPlay(running.parts.store)
    task = asyncio.create_task(play.run())
    yield play
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.fixture
async def carrel(
    running: Running,
    owner: Actor,
    loop: LoopPlay,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Carrel:
    """Runs a command as the owner, in a thread: it has an event loop of its own."""
    token = await token_of(running.parts.store, owner)
    for name, value in {
        "CARREL_URL": running.url,
        "CARREL_TOKEN": token.reveal(),
        "CARREL_DATA_DIR": str(tmp_path / "data"),
        "HOME": str(tmp_path),
        "COLUMNS": "120",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)

    async def run(*words: str) -> Ended:
        status = await asyncio.wait_for(asyncio.to_thread(run_app, words), 30)
        printed = capsys.readouterr()
        return Ended(status, printed.out, printed.err)

    return run


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """What a program gives on standard input."""
    import sys  # noqa: PLC0415

    monkeypatch.setattr(sys, "stdin", io.StringIO(text + "\n"))
