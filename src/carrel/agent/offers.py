"""What the agent offers on a session channel: exec, shell, sftp, terminals, control."""

from __future__ import annotations

from carrel.agent.control import Control
from carrel.agent.execution import Execution
from carrel.agent.session import Channel, Request, Work
from carrel.agent.sftp import SUBSYSTEM, sftp_command
from carrel.agent.terminals import TerminalSession
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
