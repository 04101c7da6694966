"""Commands, terminals and status of running workspaces, over links."""

from __future__ import annotations

import shlex
from base64 import b64decode
from dataclasses import dataclass

from carrel.core.agent import AgentStatus, TerminalStatus
from carrel.core.files import FilesRequest
from carrel.core.problems import Problem
from carrel.core.records import load
from carrel.core.workspace import Workspace
from carrel.links.access import NotRunning
from carrel.links.link import PtySize
from carrel.server.api.live import ExecRequest, LiveSession, TerminalWish, Tunnel
from carrel.server.live.files import LinkFiles
from carrel.server.live.presence import Presence
from carrel.server.live.session import LinkSession
from carrel.server.live.targets import Targets
from carrel.server.live.terminal import TerminalSession, variables
from carrel.server.live.tunnel import LinkTunnel


@dataclass(frozen=True)
class LinkedWorkspaces:
    """The API's LiveWorkspaces."""

    targets: Targets
    presence: Presence | None = None
    """None: nobody is told who is here."""

    async def exec(self, workspace: Workspace, request: ExecRequest) -> LiveSession:
        """Run something as the remote user, in the workspace folder unless the request names another."""
        link = await self.targets.link(workspace)
        size = PtySize(request.tty.cols, request.tty.rows) if request.tty else None
        return LinkSession(await link.start(command_line(request), env=request.env, pty=size, term=request.term))

    async def terminal(self, workspace: Workspace, wish: TerminalWish) -> LiveSession:
        """Attach to the named terminal; it outlives this session, this server and the agent."""
        link = await self.targets.link(workspace)
        size = PtySize(wish.size.cols, wish.size.rows)
        return TerminalSession(await link.terminal(wish.name, size, env=variables(wish)), wish)

    async def create_terminal(self, workspace: Workspace, name: str, command: str) -> tuple[TerminalStatus, bool]:
        """Find or make a terminal; whether it was made."""
        link = await self.targets.link(workspace)
        answer = await link.control.request("terminal.create", name=name, command=command)
        return load(TerminalStatus, answer["terminal"]), bool(answer["created"])

    async def status(self, workspace: Workspace) -> AgentStatus | None:
        """The agent's ledger; None where it does not answer at once."""
        found = await self.targets.target(workspace)
        if isinstance(found, NotRunning):
            return None
        try:
            link = await self.targets.links.link(found, patience_seconds=0)
            return await link.control.status()
        except Problem:
            return None

    async def app_log(self, workspace: Workspace, app: str, after: int, limit: int) -> tuple[int, bytes]:
        """A piece of what an app printed, and where it begins; empty while it printed nothing."""
        link = await self.targets.link(workspace)
        found = next((one for one in (await link.control.status()).apps if one.name == app), None)
        if found is None:
            raise Problem("no_such_app", f"{workspace.name} has no app {app[:80]!r}.")
        try:
            piece = await link.control.request("log.read", name=found.log, offset=after, limit=limit)
        except Problem as problem:
            if problem.kind == "not_found":
                return after, b""
            raise
        return int(piece["offset"]), b64decode(piece["data"])

    async def run_hooks(self, workspace: Workspace, stage: str) -> None:
        """Have a stage of hooks run again; answered when it has begun."""
        link = await self.targets.link(workspace)
        await link.control.request("hook.rerun", stage=stage)

    async def present(self, workspace: Workspace, person_id: str, name: str, how: str) -> None:
        """Tell the agent, and the workspace's people where somebody came in."""
        if self.presence is not None:
            await self.presence.tell(workspace, person_id, name, how)

    async def close_terminal(self, workspace: Workspace, name: str) -> bool:
        """End a terminal and what runs in it; whether there was one."""
        link = await self.targets.link(workspace)
        try:
            await link.control.request("terminal.close", name=name)
        except Problem as problem:
            if problem.kind == "not_found":
                return False
            raise
        return True

    async def files(self, workspace: Workspace, request: FilesRequest) -> LiveSession:
        """Send or receive files, or list a folder, as the remote user."""
        link = await self.targets.link(workspace)
        return LinkFiles(await link.files(request))

    async def dial(self, workspace: Workspace, port: int, host: str) -> Tunnel:
        """Connect to a port, as seen from inside."""
        link = await self.targets.link(workspace)
        return LinkTunnel(*await link.dial(port, host))

    async def host_key(self, workspace: Workspace) -> str:
        """The workspace's own host key."""
        return (await self.targets.host_keys.host_key(workspace.id)).public

    async def ssh(self, workspace: Workspace, person_id: str, resume_seconds: int | None) -> Tunnel:
        """A channel on which the agent is an SSH server."""
        link = await self.targets.link(workspace)
        try:
            process = await link.ssh_stream(person_id, resume_seconds)
        except Problem as problem:
            if link.closed:
                raise
            hint = f"`carrel rebuild {workspace.name}` gives it this version's; files stay."
            raise Problem("wrong_state", f"{workspace.name} runs with an agent that has no SSH yet.", hint) from problem
        return LinkTunnel(process.stdout, process.stdin)


def command_line(request: ExecRequest) -> str | None:
    """The line that the user's shell gets; None: a login shell."""
    line = shlex.join(request.argv) if request.argv else request.command
    if not request.cwd:
        return line or None
    there = f"cd -- {shlex.quote(request.cwd)}"
    return f"{there} && {line}" if line else f'{there} && exec "${{SHELL:-/bin/sh}}" -l'
