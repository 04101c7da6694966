"""What the agent offers on a session channel: exec, shell, sftp, terminals, control."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from carrel.agent.control import Control
from carrel.agent.execution import Execution
from carrel.agent.session import Channel, Request, Work
from carrel.agent.sftp import SUBSYSTEM, sftp_command
from carrel.agent.terminal_session import TerminalSession
from carrel.agent.workspace import Workspace
from carrel.core.agent import CONTROL_SUBSYSTEM, TERMINAL_SUBSYSTEM


class WorkspaceOffers:
    """The offers of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        """Offer what `workspace` can do."""
        self._workspace = workspace

    def accepts(self, request: Request) -> bool:
        """Whether there is such a thing."""
        return request.kind in {"exec", "shell"} or request.argument.partition(" ")[0] in {
            CONTROL_SUBSYSTEM,
            TERMINAL_SUBSYSTEM,
            SUBSYSTEM,
        }

    def attached(self, request: Request) -> AbstractContextManager[None]:
        """Terminals and shells are a person's tools; a single command is not."""
        is_terminal = request.kind == "subsystem" and request.argument.partition(" ")[0] == TERMINAL_SUBSYSTEM
        return self._workspace.attachments.attached() if request.kind == "shell" or is_terminal else nullcontext()

    def reached(self, port: int) -> Callable[[], None]:
        """The editor is a person's tool; other ports are not."""
        if port not in self._workspace.apps.own_ports():
            return lambda: None
        self._workspace.attachments.come()
        return self._workspace.attachments.leave

    def work(self, request: Request, channel: Channel) -> Work:
        """The work for an accepted request."""
        workspace = self._workspace
        subsystem = request.argument.partition(" ")[0] if request.kind == "subsystem" else ""
        if subsystem == CONTROL_SUBSYSTEM:
            return Control(workspace, channel)
        if subsystem == TERMINAL_SUBSYSTEM:
            return TerminalSession(request, channel, workspace.terminals, workspace.note)
        program = sftp_command(workspace.toolbox) if subsystem == SUBSYSTEM else ()
        return Execution(request, channel, workspace.environment, workspace.note, program)
