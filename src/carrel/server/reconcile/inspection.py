"""A look at a repository before there is a workspace of it: which configurations it has, and what it asks for.

It is fetched in the same way as for a workspace, into a volume of its own, which is removed at once. The id of that begins
with a letter that no workspace's id has: what a server that died left behind is known for what it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import structlog

from carrel.core.problems import Problem
from carrel.core.spec import PROJECT_VOLUME, GitSource, VolumeSpec, WorkspaceRef
from carrel.core.workspace import Workspace, new_id
from carrel.devcontainer.preview import Preview
from carrel.runtimes.contract import ProjectFiles, Runtime, SourceJob, SourceResult
from carrel.server.reconcile.environments import Environments

log = structlog.get_logger(__name__)
MARK = "i"
"""First letter of the ids; `core.workspace.ID_ALPHABET` has no such letter."""
AT_ONCE = 2
LIMIT_SECONDS = 60.0


@dataclass
class Inspections:
    """Looks at repositories, a few at a time."""

    environments: Environments
    runtime: Runtime
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def look(self, wanted: Workspace) -> Preview:
        """What the configuration of `wanted` asks for; `wanted` is stored nowhere.

        Raises:
            Problem: as fetching and reading do; `no_progress` where it takes too long.
        """
        workspace = _named(wanted)
        try:
            async with self.places, asyncio.timeout(LIMIT_SECONDS), self._fetched(workspace):
                return await self.environments.preview(workspace, self.runtime)
        except TimeoutError as error:
            raise Problem("no_progress", f"The repository was not read within {LIMIT_SECONDS:g} s.") from error

    @asynccontextmanager
    async def opened(self, wanted: Workspace) -> AsyncIterator[tuple[SourceResult, ProjectFiles]]:
        """The source of `wanted`, fetched and open; both are gone at the end. Raises as fetching does."""
        workspace = _named(wanted)
        ref, source = workspace.ref(), workspace.source
        async with self.places, self._fetched(workspace) as found, self.runtime.open_source(ref, source) as files:
            yield found, files

    @asynccontextmanager
    async def _fetched(self, workspace: Workspace) -> AsyncIterator[SourceResult]:
        if not isinstance(workspace.source, GitSource):
            yield SourceResult()
            return
        toolbox = await self.runtime.has_toolbox()
        if toolbox is None:
            raise Problem("unavailable", "The toolbox is not built yet.")
        credential = await self.environments.credentials.git(workspace, workspace.source.url)
        username, token = credential or ("", None)
        ref = workspace.ref()
        try:
            await self.runtime.create_volumes(ref, [VolumeSpec(PROJECT_VOLUME)])
            job = SourceJob(ref, workspace.source, toolbox, username, token)
            yield await self.runtime.fetch_source(job, _silent)
        finally:
            await asyncio.shield(asyncio.ensure_future(self._remove(ref)))

    async def _remove(self, ref: WorkspaceRef) -> None:
        try:
            await self.runtime.remove(ref)
            await self.runtime.remove_volumes(ref)
        except Problem as problem:
            log.warning("inspection_left_behind", id=ref.id, problem=problem.kind)

    async def remove_left_over(self) -> None:
        """Remove what servers left behind that died while they looked."""
        try:
            for workspace_id in await self.runtime.observe_all():
                if workspace_id.startswith(MARK):
                    await self._remove(WorkspaceRef(workspace_id))
        except Problem as problem:
            log.warning("left_over_inspections_stay", problem=problem.kind)


def _named(wanted: Workspace) -> Workspace:
    return replace(wanted, id=MARK + new_id()[1:])


def _silent(_line: str) -> None:
    """What git says is of no interest here; a failure says it again."""
