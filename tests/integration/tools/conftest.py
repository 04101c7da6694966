"""The API over a real agent, and the `carrel` command in front of it: ports and files end to end, without an engine."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import uvicorn
from tests.integration.api.conftest import free_socket, token_of
from tests.integration.conftest import add_user, add_workspace
from tests.integration.proxy.conftest import AgentProcess, agent_process, apps

from carrel.core.access import Actor
from carrel.core.agent import AgentPlan
from carrel.core.secret import Secret
from carrel.core.workspace import Phase, Workspace
from carrel.devcontainer.preview import Preview
from carrel.links.link import Link
from carrel.links.pool import LinkPool
from carrel.links.target import Target
from carrel.server.api.app import create_app
from carrel.server.api.parts import Parts
from carrel.server.live.workspaces import LinkedWorkspaces
from carrel.server.settings import load_settings
from carrel.server.store.engine import Store
from carrel.server.store.keys import KeyRing

__all__ = ["agent_process", "apps"]


@dataclass
class OneTarget:
    """Every workspace is the one agent there is."""

    links: LinkPool
    goal: Target

    async def target(self, workspace: Workspace) -> Target:
        return self.goal

    async def link(self, workspace: Workspace) -> Link:
        return await self.links.link(self.goal)


@dataclass
class Rig:
    """A server, a workspace that runs, its owner's client, and a folder that is the workspace's."""

    store: Store
    url: str
    ana: Actor
    workspace: Workspace
    token: str
    client: httpx.AsyncClient
    links: LinkPool
    target: Target
    folder: Path
    """The workspace folder."""
    home: Path
    """Of the person at the command line."""
    processes: list[Process] = field(default_factory=list)

    async def carrel(self, *words: str, cwd: Path | None = None) -> Process:
        """Start `carrel ...` as the owner, with pipes."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "CARREL_URL": self.url,
            "CARREL_TOKEN": self.token,
            "CARREL_DATA_DIR": str(self.home / "data"),
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        command = (sys.executable, "-P", "-m", "carrel.cli", *words)
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=cwd
        )
        self.processes.append(process)
        return process

    async def run(self, *words: str, stdin: bytes = b"", cwd: Path | None = None) -> tuple[int, bytes, str]:
        """Run `carrel ...` to its end: status, stdout, stderr."""
        process = await self.carrel(*words, cwd=cwd)
        out, err = await asyncio.wait_for(process.communicate(stdin), 60)
        return process.returncode or 0, out, err.decode()


@pytest.fixture
async def rig(agent_process: AgentProcess, sqlite_url: Secret, keys: KeyRing, tmp_path: Path) -> AsyncIterator[Rig]:
    store = await Store.open(sqlite_url, keys)
    links = LinkPool(agent_process.authority)
    folder, home = tmp_path / "project", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    link = await links.link(agent_process.target)
    plan = AgentPlan(user_env_probe="none", workspace_folder=str(folder))
    await link.control.begin(f"begin-{folder}", plan)
    listening = free_socket()
    port = listening.getsockname()[1]
    settings = load_settings({}, overrides={"data_dir": tmp_path / "data", "port": port})
    live = LinkedWorkspaces(OneTarget(links, agent_process.target))  # type: ignore[arg-type]  # as much as is asked of it

    async def look(_: Workspace) -> Preview:
        raise NotImplementedError

    app = create_app(Parts(store, settings, live, look))
    config = uvicorn.Config(app, log_config=None, ws="websockets-sansio", lifespan="off")
    config.timeout_graceful_shutdown = 2
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext  # type: ignore[assignment]  # the test's process keeps its own
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.001)
    ana = await add_user(store, "ana")
    workspace = await add_workspace(store, ana, name="blog", phase=Phase.RUNNING)
    token = (await token_of(store, ana)).reveal()
    url = f"http://127.0.0.1:{port}"
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=30) as client:
        made = Rig(store, url, ana, workspace, token, client, links, agent_process.target, folder, home)
        yield made
        for process in made.processes:
            with suppress(ProcessLookupError):
                process.kill()
            await process.communicate()
    app.state.parts.stopping.set()
    store.wakeups.ring_all()
    server.should_exit = True
    await serving
    await links.close()
    await store.close()
