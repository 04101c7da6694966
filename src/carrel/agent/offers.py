"""What the agent offers on a session channel: exec, shell, sftp, terminals; to links also control, and SSH inside it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from carrel.agent.control import Control
from carrel.agent.execution import Execution
from carrel.agent.files import files_command
from carrel.agent.questions.listener import Listener
from carrel.agent.session import Channel, Request, Work
from carrel.agent.sftp import SUBSYSTEM, sftp_command
from carrel.agent.streams import Streams
from carrel.agent.terminal_session import TerminalSession
from carrel.agent.workspace import Workspace
from carrel.core.agent import CONTROL_SUBSYSTEM, SSH_SUBSYSTEM, STREAM_SUBSYSTEM, TERMINAL_SUBSYSTEM, SignalKind
from carrel.core.files import FILES_SUBSYSTEM
from carrel.core.questions import QUESTIONS_SUBSYSTEM


class PersonOffers:
    """What a workspace offers to a person: nothing that the remote user could not do."""

    subsystems = frozenset({TERMINAL_SUBSYSTEM, SUBSYSTEM})

    def __init__(self, workspace: Workspace) -> None:
        """Offer what `workspace` can do."""
        self._workspace = workspace

    def accepts(self, request: Request) -> bool:
        """Whether there is such a thing."""
        return request.kind in {"exec", "shell"} or request.argument.partition(" ")[0] in self.subsystems

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
        if subsystem == TERMINAL_SUBSYSTEM:
            return TerminalSession(request, channel, workspace.terminals, workspace.note)
        program = sftp_command(workspace.toolbox) if subsystem == SUBSYSTEM else ()
        return Execution(request, channel, workspace.environment, workspace.note, program)


def _unheeded(_kind: SignalKind, _detail: str) -> None:
    """Evidence of nothing."""


class WorkspaceOffers(PersonOffers):
    """What it offers to links: everything."""

    subsystems = PersonOffers.subsystems | {
        CONTROL_SUBSYSTEM,
        FILES_SUBSYSTEM,
        QUESTIONS_SUBSYSTEM,
        SSH_SUBSYSTEM,
        STREAM_SUBSYSTEM,
    }

    def __init__(self, workspace: Workspace, streams: Streams) -> None:
        """Offer what `workspace` can do, and SSH end to end by `streams`."""
        super().__init__(workspace)
        self._streams = streams

    def work(self, request: Request, channel: Channel) -> Work:
        """The work for an accepted request."""
        subsystem = request.argument.partition(" ")[0] if request.kind == "subsystem" else ""
        if subsystem == CONTROL_SUBSYSTEM:
            return Control(self._workspace, channel)
        if subsystem == QUESTIONS_SUBSYSTEM:
            return Listener(self._workspace.questions, channel)
        if subsystem == FILES_SUBSYSTEM:
            workspace = self._workspace
            program = files_command(request.argument.partition(" ")[2])
            note = _unheeded if '"list"' in request.argument else workspace.note  # looking is no activity
            return Execution(request, channel, workspace.environment, note, program)
        if subsystem == SSH_SUBSYSTEM:
            return self._streams.ssh(channel)
        if subsystem == STREAM_SUBSYSTEM:
            return self._streams.session(request, channel)
        return super().work(request, channel)
