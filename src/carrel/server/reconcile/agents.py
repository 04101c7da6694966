"""The loop's side of the links to agents: boot files, begin, status, hook logs, quiesce."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import asyncssh
import structlog

from carrel.core.agent import BOOT_FILE, AgentPlan, AgentStatus, Boot, HookStatus, NewSecrets, SecretsChange
from carrel.core.problems import Problem
from carrel.core.records import dump, load
from carrel.core.spec import AGENT_PORT, Endpoint
from carrel.core.workspace import Remembered, Workspace
from carrel.links.authority import KeyPair, LinkAuthority
from carrel.links.link import Link
from carrel.links.pool import LinkPool
from carrel.links.target import Target
from carrel.runtimes.contract import Log
from carrel.server.reconcile.extension_folder import name_in_workspace

log = structlog.get_logger(__name__)
EXTENSION_FILES = ".local/share/carrel/code/vsix"
"""Folder in the home, as the agent's apps/code.py has it."""
READ_BYTES = 1 << 20
BOOT_PATIENCE_SECONDS = 60.0
"""How long a started container may take until its agent answers."""
LOG_CHUNK_BYTES = 256 * 1024
LOGS_SECONDS = 1.0
"""How often what hooks print is copied while they are waited for."""


class HostKeys(Protocol):
    """Where agents' host keys are kept; a workspace keeps its key for life."""

    async def host_key(self, workspace_id: str) -> KeyPair:
        """The workspace's key pair, made on first use."""


@dataclass(frozen=True)
class Agents:
    """Talks to the agents of workspaces."""

    links: LinkPool
    authority: LinkAuthority
    host_keys: HostKeys

    async def target(self, workspace: Workspace, endpoint: Endpoint) -> Target:
        """Where and who the agent of the wanted start is."""
        key = await self.host_keys.host_key(workspace.id)
        return Target(workspace.id, endpoint, workspace.principal(), key.public)

    async def boot_files(self, workspace: Workspace, creation: str) -> dict[str, bytes]:
        """What the agent needs before anyone can talk to it.

        Args:
            workspace: its wanted start is the one that boots.
            creation: id of the primary container's creation.
        """
        key = await self.host_keys.host_key(workspace.id)
        boot = Boot(
            workspace=workspace.id,
            principal=workspace.principal(),
            authority=self.authority.public_key,
            host_key=key.private,
            port=AGENT_PORT,
            start=workspace.start,
            creation=creation,
        )
        return {BOOT_FILE: json.dumps(dump(boot)).encode()}

    async def status(self, workspace: Workspace, endpoint: Endpoint | None) -> AgentStatus | None:
        """The agent's ledger, or None where it does not answer at once."""
        if endpoint is None:
            return None
        try:
            link = await self.links.link(await self.target(workspace, endpoint), patience_seconds=0)
            return await link.control.status()
        except Problem:
            return None

    async def begin(self, workspace: Workspace, endpoint: Endpoint, operation: str, plan: AgentPlan) -> None:
        """Tell the agent what to do in this start; the same operation is performed once. Raises `agent_unreachable`."""
        link = await self.links.link(await self.target(workspace, endpoint), patience_seconds=BOOT_PATIENCE_SECONDS)
        await link.control.request("begin", operation=operation, plan=plan)

    async def give_secrets(self, workspace: Workspace, endpoint: Endpoint, new: NewSecrets) -> SecretsChange:
        """Have the agent use other secrets from now on; names of what changed. Raises `agent_unreachable`."""
        link = await self.links.link(await self.target(workspace, endpoint))
        told = await link.control.request("secrets", version=new.version, secrets=new.secrets, files=new.files)
        return load(SecretsChange, told)

    async def watch(self, workspace: Workspace, endpoint: Endpoint) -> AsyncIterator[AgentStatus]:
        """The ledger now, after each change, and again every second: hooks print without a change.

        Raises:
            Problem: `agent_unreachable`.
        """
        link = await self.links.link(await self.target(workspace, endpoint))
        status: AgentStatus | None = None
        async with aclosing(link.control.watch()) as news:
            coming = asyncio.ensure_future(anext(news, None))
            try:
                while True:
                    await asyncio.wait({coming}, timeout=LOGS_SECONDS)
                    if coming.done():
                        status = coming.result()
                        if status is None:
                            return
                        coming = asyncio.ensure_future(anext(news, None))
                    if status is not None:
                        yield status
            finally:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)

    async def copy_logs(
        self, workspace: Workspace, endpoint: Endpoint, status: AgentStatus, log: Callable[[str], Log]
    ) -> Remembered:
        """Bring what hooks have printed since the last call into the log streams; returns how far it was copied."""
        memory = workspace.remembered
        if memory.boot_id != status.boot_id:
            memory = replace(memory, boot_id=status.boot_id, hook_logs={}, hooks_told=(), apps_told=())
        # Hooks that run once for a creation of the container ended in an earlier start: they were told then.
        earlier = {h.run() for h in status.hooks if h.ended and workspace.goal_at and h.ended < workspace.goal_at}
        known = {hook.run() for hook in status.hooks}
        told = {*memory.hooks_told, *earlier} & known
        memory = replace(memory, hooks_told=tuple(sorted(told)))
        copied = {run: size for run, size in memory.hook_logs.items() if run in known}
        with suppress(Problem):
            link = await self.links.link(await self.target(workspace, endpoint))
            for hook in status.hooks:
                if hook.log and hook.began is not None and hook.run() not in memory.hooks_told:
                    await _copy(link, hook, copied, log(hook.stream()))
        return replace(memory, hook_logs=copied)

    async def read(self, workspace: Workspace, endpoint: Endpoint, path: str) -> bytes | None:
        """A small file of the workspace, read as its user; None where that cannot be done."""
        try:
            link = await self.links.link(await self.target(workspace, endpoint))
            content: bytes | None = None
            async with await link.sftp() as sftp, sftp.open(path, "rb") as file:
                raw: Any = await file.read(READ_BYTES)  # bytes, whatever asyncssh's types say of "rb"
                content = raw
        except (Problem, OSError, asyncssh.Error):
            return None
        return content

    async def bring_extensions(
        self, workspace: Workspace, endpoint: Endpoint, home: str, files: Iterable[Path]
    ) -> None:
        """Copy .vsix files to where the agent waits for them; one that is there is left alone. Never fails a start."""
        try:
            link = await self.links.link(await self.target(workspace, endpoint))
            async with await link.sftp() as sftp:
                folder = f"{home}/{EXTENSION_FILES}"
                await sftp.makedirs(folder, exist_ok=True)
                for path in files:
                    target = f"{folder}/{name_in_workspace(path)}"
                    if await sftp.exists(target) and (await sftp.stat(target)).size == path.stat().st_size:
                        continue
                    await sftp.put(str(path), f"{target}.part")
                    await sftp.posix_rename(f"{target}.part", target)
        except (Problem, OSError, asyncssh.Error) as error:
            log.warning("extensions_not_brought", workspace=workspace.id, error=str(error))

    async def quiesce(self, workspace: Workspace, endpoint: Endpoint | None) -> None:
        """Have the agent write out what it holds, where it can be reached at once."""
        if endpoint is None:
            return
        with suppress(Problem):
            link = await self.links.link(await self.target(workspace, endpoint), patience_seconds=0)
            await link.control.request("quiesce", timeout_seconds=5)

    async def forget(self, workspace: Workspace) -> None:
        """Close the link: the containers are gone."""
        await self.links.drop(workspace.id)


def whole_lines(data: bytes, *, is_last: bool) -> bytes:
    """What can be passed on of a piece of a log: its whole lines; all of it where no more can come to the last one."""
    if is_last or (len(data) == LOG_CHUNK_BYTES and b"\n" not in data):
        return data
    return data[: data.rfind(b"\n") + 1]


def step_line(line: str) -> str | None:
    """A line of a hook as the progress display shows it: `::step::TEXT` begins a step and is its text (C402)."""
    if line.startswith("::step::"):
        return line.removeprefix("::step::").strip() or None
    return None if line.rstrip() == "::endstep::" else line


async def _copy(link: Link, hook: HookStatus, copied: dict[str, int], stream: Log) -> None:
    """Copy one log from where the last copy ended, as far as it goes now: one that grows faster is not run after."""
    run, has_ended = hook.run(), hook.ended is not None
    end: int | None = None
    while end is None or copied.get(run, 0) < end:
        offset = copied.get(run, 0)
        part = await link.control.request("log.read", name=hook.log, offset=offset, limit=LOG_CHUNK_BYTES)
        end = part["size"] if end is None else end
        raw = b64decode(part["data"])
        is_at_gap = part["next"] < part["size"] and len(raw) < LOG_CHUNK_BYTES  # what follows is lost: see CappedLog
        is_at_end = has_ended and part["next"] >= part["size"]
        data = whole_lines(raw, is_last=is_at_gap or is_at_end)
        if not data:
            return
        for line in data.decode(errors="replace").splitlines():
            shown = step_line(line)
            if shown is not None:
                stream(shown)
        copied[run] = part["offset"] + len(data)
