"""What the agent offers on a session channel: exec, shell, sftp, terminals, control."""

from __future__ import annotations

from carrel.agent.control import Control
from carrel.agent.execution import Execution
from carrel.agent.session import Channel, Request, Work
from carrel.agent.workspace import Workspace
from carrel.core.agent import CONTROL_SUBSYSTEM


class WorkspaceOffers:
    """The offers of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        """Offer what `workspace` can do."""
        self._workspace = workspace

    def accepts(self, request: Request) -> bool:
        """Whether there is such a thing."""
        if request.kind in {"exec", "shell"}:
            return True
        return request.argument == CONTROL_SUBSYSTEM

    def work(self, request: Request, channel: Channel) -> Work:
        """The work for an accepted request."""
        workspace = self._workspace
        if request.kind in {"exec", "shell"}:
            return Execution(request, channel, workspace.environment, workspace.note)
        return Control(workspace, channel)
