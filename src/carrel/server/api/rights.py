"""What the one who asks may do with a workspace, as its document says."""

from __future__ import annotations

from carrel.core.access import Action, Actor, Level, Resource, allows
from carrel.core.workspace import Workspace

_PREFIX = "workspace."
OF_WORKSPACE = tuple(a for a in Action if a.value.startswith(_PREFIX) and a is not Action.WORKSPACE_CREATE)
"""What can be done with one workspace."""


class Rights:
    """Of one actor. Most workspaces of a list are alike: what is worked out once is remembered."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._known: dict[tuple[str, str, str, bool], list[str]] = {}

    def of(self, workspace: Workspace) -> list[str]:
        """`read`, `use` ... (docs/reference/roles.md, without `workspace.`)."""
        is_shared = workspace.id in self._actor.shares
        key = (workspace.owner_id, workspace.project, workspace.domain, is_shared)
        if is_shared or key not in self._known:
            resource = Resource.of(workspace)
            actions = [a.value.removeprefix(_PREFIX) for a in OF_WORKSPACE if allows(self._actor, a, resource)]
            if is_shared:
                return actions
            self._known[key] = actions
        return self._known[key]

    def shared(self, workspace: Workspace) -> Level | None:
        """What was given to the actor of a workspace that is somebody else's."""
        share = self._actor.shares.get(workspace.id)
        return share.level if share is not None and workspace.owner_id != self._actor.user_id else None
