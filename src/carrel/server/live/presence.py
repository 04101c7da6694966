"""Telling agents who is in their workspace, and the workspace's people when somebody comes in."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from carrel.core.events import Event
from carrel.core.problems import Problem
from carrel.core.workspace import Workspace
from carrel.server.live.targets import Targets
from carrel.server.store import events
from carrel.server.store.engine import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Presence:
    """The one place that all entrances tell."""

    store: Store
    targets: Targets

    async def tell(self, workspace: Workspace, person_id: str, name: str, how: str) -> None:
        """Somebody is connected now. Nothing is raised: nobody is thrown out because this cannot be told.

        Args:
            workspace: where.
            person_id: the user's id, of a guest that of his share.
            name: as people are told.
            how: `terminal main`, `app code`, `ssh` ...
        """
        try:
            link = await self.targets.link(workspace)
            answer = await link.control.request("present", person=name, how=how)
            if answer.get("joined") and person_id != workspace.owner_id:
                async with self.store.writing() as session:
                    joined = Event("person_joined", {"person": name, "how": how})
                    await events.append(session, workspace.id, [joined])
        except Problem as problem:
            log.info("presence_untold", workspace=workspace.id, kind=problem.kind)
