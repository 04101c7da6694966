"""Where the agent of a running workspace is, as the loop recorded it: no runtime is asked."""

from __future__ import annotations

from dataclasses import dataclass

from carrel.core.problems import Problem
from carrel.core.workspace import Goal, Phase, Workspace
from carrel.links.access import NotRunning
from carrel.links.link import Link
from carrel.links.pool import LinkPool
from carrel.links.target import Target
from carrel.server.actions.installation import HostKeys


def why_not_running(workspace: Workspace) -> NotRunning | None:
    """Why a workspace has no target now, or None where it has one."""
    if workspace.phase is Phase.RUNNING and workspace.remembered.endpoint is not None:
        return None
    failure = workspace.failure
    return NotRunning(
        phase=workspace.phase,
        title=workspace.name,
        detail=failure.detail if failure else workspace.stop_reason,
        hint=failure.hint if failure else "",
        will_run=workspace.goal is Goal.RUN and workspace.phase is not Phase.FAILED,
    )


@dataclass(frozen=True)
class Targets:
    """Finds and reaches agents."""

    links: LinkPool
    host_keys: HostKeys

    async def target(self, workspace: Workspace) -> Target | NotRunning:
        """Where the workspace's agent is, or why there is none."""
        reason = why_not_running(workspace)
        endpoint = workspace.remembered.endpoint
        if reason is not None or endpoint is None:
            return reason or NotRunning(workspace.phase, workspace.name)
        key = await self.host_keys.host_key(workspace.id)
        principal = f"{workspace.id}:{workspace.remembered.started}"
        return Target(workspace.id, endpoint, principal, key.public)

    async def link(self, workspace: Workspace) -> Link:
        """A link to the workspace's agent. Raises `not_running`, `agent_unreachable`."""
        found = await self.target(workspace)
        if isinstance(found, NotRunning):
            words = f"{workspace.name} is {found.phase.value}."
            raise Problem("not_running", f"{words} {found.detail}".strip(), found.hint)
        return await self.links.link(found)
