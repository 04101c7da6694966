"""Plays the reconcile loop: every workspace reaches its goal at once, by the phases and events of the real one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from carrel.core.events import Event, Span
from carrel.core.workspace import Failure, Goal, ListedApp, Phase, Workspace
from carrel.server.store import events, logs, schema, spans, workspaces
from carrel.server.store.engine import Store
from carrel.server.store.forget import forget
from carrel.server.store.wakeups import LOOP, WORKSPACES
from carrel.server.store.workspaces import from_row, selected

START = (Phase.CLONING, Phase.BUILDING, Phase.STARTING, Phase.RUNNING)
APPS = (ListedApp("code", "VS Code"), ListedApp("board", open_path="/runs?tab=1"), ListedApp("terminal"))


@dataclass
class LoopPlay:
    """The loop over a store; a test may have workspaces fail or run degraded, by name."""

    store: Store
    failures: dict[str, Failure] = field(default_factory=dict)
    degraded: dict[str, str] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    """Names of those that stay as they are."""

    async def run(self) -> None:
        """For ever."""
        async with self.store.wakeups.listen(LOOP, WORKSPACES) as bell:
            while True:
                await self._turn()
                await bell.wait()

    async def _turn(self) -> None:
        async with self.store.reading() as session:
            rows = await session.all(selected().where(schema.workspaces.c.purged_at.is_(None)))
        for workspace in map(from_row, rows):
            if workspace.name not in self.held:
                await self._advance(workspace)

    async def _advance(self, workspace: Workspace) -> None:
        memory = workspace.remembered
        served = (memory.started, memory.resolved) == (workspace.start, workspace.revision)
        if workspace.goal is Goal.RUN and not (served and workspace.phase in {Phase.RUNNING, Phase.FAILED}):
            await self._start(workspace)
        elif workspace.goal is Goal.STOP and workspace.phase is not Phase.STOPPED:
            await self._pass(workspace, (Phase.STOPPING, Phase.STOPPED))
        elif workspace.goal is Goal.DELETE and (workspace.phase is not Phase.DELETED or workspace.purge):
            await self._pass(workspace, (Phase.DELETING, Phase.DELETED))

    async def _start(self, workspace: Workspace) -> None:
        failure = self.failures.get(workspace.name)
        phases = (Phase.CLONING, Phase.FAILED) if failure else START
        memory = replace(workspace.remembered, started=workspace.start, resolved=workspace.revision)
        async with self.store.writing() as session:
            await logs.append(session, workspace.id, "build", f"building {workspace.name}\n\x1b[2Jdone\n")
            span = Span("build", session.now, session.now, workspace.start)
            await spans.append(session, workspace.id, [span])
            values = {
                "remembered": memory,
                "failure": failure,
                "degraded": self.degraded.get(workspace.name, ""),
                "running_since": None if failure else session.now,
                "apps": () if failure else APPS,
            }
            await workspaces.change(session, workspace.id, values)
        await self._pass(workspace, phases)

    async def _pass(self, workspace: Workspace, phases: tuple[Phase, ...]) -> None:
        for phase in phases:
            async with self.store.writing() as session:
                changed = Event("phase_changed", {"phase": phase, "previous": workspace.phase})
                await workspaces.change(session, workspace.id, {"phase": phase})
                await events.append(session, workspace.id, [changed])
        if phases[-1] is Phase.DELETED and workspace.purge:
            async with self.store.writing() as session:
                await events.append(session, workspace.id, [Event("purged")])
                await forget(session, workspace.id)
