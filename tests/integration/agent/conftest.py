"""A real agent in its own process on loopback, with an authority made for the test."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from carrel.agent.holding import Holders
from carrel.agent.state_folder import folder_key
from carrel.core.agent import CONTROL_SUBSYSTEM, LINK_USER, AgentPlan, Boot
from carrel.core.problems import Problem
from carrel.core.records import dump
from carrel.core.secret import Secret

PRINCIPAL = "w000000000001:1"


async def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for something outside this process, which nothing announces."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture(name="eventually")
def _eventually() -> Callable[..., Awaitable[None]]:
    return eventually


class Control:
    """The client's end of `carrel-control`, as small as can be."""

    def __init__(self, process: asyncssh.SSHClientProcess[bytes]) -> None:
        self._process = process
        self._last = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with contextlib.suppress(asyncssh.ConnectionLost, ConnectionResetError):
            async for line in self._process.stdout:
                message = json.loads(line)
                if "event" in message:
                    self.events.put_nowait(message)
                else:
                    self._answers.pop(message["id"]).set_result(message)

    async def ask(self, op: str, **parameters: Any) -> dict[str, Any]:
        self._last += 1
        future = self._answers[self._last] = asyncio.get_running_loop().create_future()
        self._process.stdin.write(json.dumps({"id": self._last, "op": op, **parameters}).encode() + b"\n")
        message = await asyncio.wait_for(future, 60)
        if "problem" in message:
            raise Problem(message["problem"]["kind"], message["problem"].get("detail", ""))
        answer: dict[str, Any] = message["ok"]
        return answer

    async def begin(self, plan: AgentPlan, operation: str = "begin-1") -> dict[str, Any]:
        return await self.ask("begin", operation=operation, plan=dump(plan))

    async def status(self) -> dict[str, Any]:
        status: dict[str, Any] = (await self.ask("status"))["status"]
        return status

    async def status_where(self, condition: Any) -> dict[str, Any]:
        """Watch until a status of now or later fulfils `condition`; events of an earlier watch may still wait."""
        status = (await self.ask("watch"))["status"]
        asked_at = datetime.fromisoformat(status["now"])
        async with asyncio.timeout(30):
            while not condition(status) or datetime.fromisoformat(status["now"]) < asked_at:
                status = (await self.events.get())["status"]
        return dict(status)

    async def settled(self) -> dict[str, Any]:
        """The status when no hook is left to run."""
        return await self.status_where(
            lambda s: s["state"] == "ready" and all(h["state"] not in {"pending", "running"} for h in s["hooks"])
        )

    async def log(self, name: str) -> str:
        """All of a log."""
        text, offset = b"", 0
        while True:
            piece = await self.ask("log.read", name=name, offset=offset)
            text += base64.b64decode(piece["data"])
            if piece["next"] == offset:
                return text.decode()
            offset = piece["next"]

    async def close(self) -> None:
        self._process.close()
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader


def in_memory(path: Path) -> Path:
    """Where an agent keeps in memory what goes with `path`, or stands in for it."""
    return Path(f"/dev/shm/.carrel-{os.geteuid()}-{folder_key(path)}")


class RunningAgent:
    """The agent's process, its keys and its state folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.authority = asyncssh.generate_private_key("ssh-ed25519")
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.start_number = 1
        self.creation = "c1"
        self.toolbox = folder / "toolbox"
        self.secrets = folder / "run" / "secrets"
        self.home = folder / "home"
        self.home.mkdir()
        self.environ = dict(os.environ) | {"HOME": str(self.home), "SHELL": "/bin/bash"}
        self.port = 0
        self.log = folder / "agent.log"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def boot(self) -> Boot:
        return Boot(
            workspace="w000000000001",
            principal=PRINCIPAL,
            authority=self.authority.export_public_key().decode().strip(),
            host_key=Secret(self.host_key.export_private_key().decode()),
            port=self.port,
            start=self.start_number,
            creation=self.creation,
            address="127.0.0.1",
        )

    async def start(self) -> None:
        boot_file = self.folder / "boot.json"
        boot_file.write_text(json.dumps(dump(self.boot())))
        places = {"boot": boot_file, "state": self.state, "toolbox": self.toolbox, "secrets": self.secrets}
        arguments = [word for name, path in places.items() for word in (f"--{name}", str(path))]
        with self.log.open("ab") as log:
            began = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-I", "-m", "carrel.agent", *arguments, stderr=log, env=self.environ
            )

        def listening() -> re.Match[str] | None:
            return re.search(r"listening .* port=(\d+)", self.log.read_text()[began:])

        def is_up() -> bool:
            assert self._process is not None
            assert self._process.returncode is None, self.log.read_text()
            return listening() is not None

        await eventually(is_up, 20)
        found = listening()
        assert found is not None
        self.port = int(found[1])

    async def stop(self, number: int = signal.SIGTERM) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)
        await asyncio.wait_for(self._process.wait(), 60)

    async def kill(self) -> None:
        """As the kernel does when memory is short."""
        await self.stop(signal.SIGKILL)

    async def end_holders(self) -> None:
        """As PID 1 does when the workspace stops; and what an agent keeps in memory goes with the container."""
        memory = in_memory(self.state)
        for folder in (self.state / "agent", memory, memory / "agent", in_memory(memory)):
            for kind in ("terminals", "hooks", "apps"):
                for holder in Holders(folder / kind).all() if (folder / kind).exists() else ():
                    await holder.terminate(0.2)
        shutil.rmtree(memory, ignore_errors=True)
        shutil.rmtree(in_memory(memory), ignore_errors=True)
        shutil.rmtree(in_memory(self.state / "secrets"), ignore_errors=True)

    def certificate(self, principals: tuple[str, ...] = (PRINCIPAL,), **options: Any) -> Any:
        key = asyncssh.generate_private_key("ssh-ed25519")
        authority = options.pop("authority", self.authority)
        make = (
            authority.generate_host_certificate if options.pop("host", False) else authority.generate_user_certificate
        )
        return key, make(key, "link", principals=principals, valid_before=options.pop("valid_before", "+5m"), **options)

    def connect(self, keys: Any = None, username: str = LINK_USER) -> Any:
        """A link: `async with agent.connect() as link`."""
        return asyncssh.connect(
            "127.0.0.1",
            self.port,
            username=username,
            client_keys=[self.certificate() if keys is None else keys],
            known_hosts=([self.host_key.export_public_key()], [], []),
            config=None,
            agent_path=None,
        )

    @contextlib.asynccontextmanager
    async def control(self, link: asyncssh.SSHClientConnection) -> AsyncIterator[Control]:
        process = await link.create_process(subsystem=CONTROL_SUBSYSTEM, encoding=None)
        control = Control(process)
        try:
            yield control
        finally:
            await control.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path: Unix sockets have room for 108 bytes."""
    path = Path(tempfile.mkdtemp(prefix="carrel-", dir="/tmp"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def project(folder: Path) -> Path:
    path = folder / "project"
    path.mkdir()
    return path


@pytest.fixture
def plan(project: Path) -> AgentPlan:
    return AgentPlan(workspace_folder=str(project), user_env_probe="none")


@pytest.fixture
async def agent(folder: Path) -> AsyncIterator[RunningAgent]:
    running = RunningAgent(folder)
    await running.start()
    yield running
    await running.stop()
    await running.end_holders()


@pytest.fixture
async def reconnect(agent: RunningAgent) -> AsyncIterator[Callable[[], Awaitable[tuple[Any, Control]]]]:
    """A new link and control client, as after the death of an agent."""
    async with contextlib.AsyncExitStack() as stack:

        async def connect() -> tuple[Any, Control]:
            connection = await stack.enter_async_context(agent.connect())
            return connection, await stack.enter_async_context(agent.control(connection))

        yield connect


@pytest.fixture
async def link(agent: RunningAgent) -> AsyncIterator[asyncssh.SSHClientConnection]:
    async with agent.connect() as connection:
        yield connection


@pytest.fixture
async def control(agent: RunningAgent, link: asyncssh.SSHClientConnection) -> AsyncIterator[Control]:
    async with agent.control(link) as client:
        yield client


@pytest.fixture
async def begun(control: Control, plan: AgentPlan) -> Control:
    """A control client after `begin`, in state ready."""
    await control.begin(plan)
    await control.status_where(lambda status: status["state"] == "ready")
    return control
