"""Workspaces: make, find, list, change, and ask them to be something else."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any

from carrel.client.connection import Connection, segment
from carrel.client.documents import AppState, Hook, Inspection, Port, Prebuild, Timeline, Why, Workspace, WorkspacePage
from carrel.client.requests import WorkspaceCreate, WorkspaceUpdate
from carrel.core.records import dump
from carrel.core.spec import FolderSource, GitSource

PAGE = 200


@dataclass(frozen=True)
class Chosen:
    """Which workspaces a list has."""

    phases: Sequence[str] = ()
    project: str = ""
    owner: str = ""
    text: str = ""
    """Part of the name or of the source's address."""
    deleted: bool = False
    """Those in the trash instead of the others."""
    shared: bool = False
    """Only those that others share with one."""
    archived: bool | None = None
    """Only those that are put aside, or (False) only the others."""
    domain: str = ""


class Workspaces:
    """The resource `/workspaces`. A workspace is named by its id, or by its name where it is one's own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def create(self, body: WorkspaceCreate, idempotency_key: str = "") -> Workspace:
        """Make a workspace. The same key and body again give the same one; without a key a fresh one is used."""
        headers = {"Idempotency-Key": idempotency_key or secrets.token_urlsafe(24)}
        return _workspace(await self._connection.send("POST", "/workspaces", body.json_values(), headers))

    async def check(self, body: WorkspaceCreate) -> None:
        """Whether it could be made, as `create` would: nothing is. Raises what `create` raises."""
        await self._connection.send("POST", "/workspaces?dry_run=true", body.json_values())

    async def inspect(self, source: GitSource | FolderSource, devcontainer: str = "") -> Inspection:
        """What a repository asks for; it is fetched for this, and left nowhere. Raises as creation does."""
        body = {"source": dump(source), "devcontainer": devcontainer}
        return Inspection.model_validate(await self._connection.send("POST", "/inspections", body))

    async def create_prebuild(self, source: GitSource, devcontainer: str = "", name: str = "") -> Workspace:
        """Make a prebuild; it is a workspace until somebody takes it."""
        body = {"source": dump(source), "devcontainer": devcontainer, "name": name}
        return _workspace(await self._connection.send("POST", "/prebuilds", body))

    async def prebuilds(self) -> list[Prebuild]:
        """Your prebuilds, newest first."""
        answer = await self._connection.get("/prebuilds")
        return [Prebuild.model_validate(item) for item in answer["items"]]

    async def folder(self, workspace: str) -> str:
        """The project's folder in a workspace."""
        answer = await self._connection.get(f"{_path(workspace)}/environment")
        return str(answer["workspace_folder"])

    async def find(self, name: str) -> Workspace:
        """The workspace of an id, a name, or `owner/name`. Raises `not_found`."""
        owner, slash, own = name.rpartition("/")
        return _workspace(await self._connection.get(_path(own), owner=owner if slash else None))

    async def each(self, chosen: Chosen | None = None) -> AsyncGenerator[Workspace, None]:
        """Those that you may see, newest first, fetched piece by piece."""
        params = _params(chosen or Chosen())
        cursor: str | None = None
        while True:
            answer = await self._connection.get("/workspaces", limit=PAGE, cursor=cursor, **params)
            page = WorkspacePage.model_validate(answer)
            for workspace in page.items:
                yield workspace
            cursor = page.next_cursor
            if not cursor:
                return

    async def update(self, workspace: str, body: WorkspaceUpdate) -> Workspace:
        """Change settings; what the containers depend on makes those of a running one anew."""
        return _workspace(await self._connection.send("PATCH", _path(workspace), body.json_values()))

    async def delete(self, workspace: str, *, purge: bool = False) -> Workspace:
        """Ask for it to be deleted; its files stay in the trash unless `purge`."""
        query = "?purge=true" if purge else ""
        return _workspace(await self._connection.send("DELETE", _path(workspace) + query))

    async def start(self, workspace: str) -> Workspace:
        """Ask for it to run."""
        return await self._goal(workspace, "start")

    async def stop(self, workspace: str) -> Workspace:
        """Ask for it to stop."""
        return await self._goal(workspace, "stop")

    async def restart(self, workspace: str) -> Workspace:
        """Ask for a fresh start."""
        return await self._goal(workspace, "restart")

    async def rebuild(self, workspace: str, *, no_cache: bool = False) -> Workspace:
        """Ask for its configuration to be read again, and for a start with that."""
        return await self._goal(workspace, "rebuild", {"no_cache": no_cache})

    async def archive(self, workspace: str) -> Workspace:
        """Put it aside: it stops, and does not start before it is taken back."""
        return await self._goal(workspace, "archive")

    async def unarchive(self, workspace: str) -> Workspace:
        """Take it back; it stays stopped."""
        return await self._goal(workspace, "unarchive")

    async def undelete(self, workspace: str, name: str = "") -> Workspace:
        """Take it out of the trash, under another name where one is given."""
        return await self._goal(workspace, "undelete", {"name": name})

    async def extend(self, workspace: str, seconds: int) -> Workspace:
        """Move the end of this start's life."""
        return await self._goal(workspace, "extend", {"seconds": seconds})

    async def timeline(self, workspace: str, start: int | None = None) -> Timeline:
        """Where the time of a start went; without a number the newest."""
        return Timeline.model_validate(await self._connection.get(f"{_path(workspace)}/timeline", start=start))

    async def why(self, workspace: str) -> Why:
        """Why it is alive and when it will stop."""
        return Why.model_validate(await self._connection.get(f"{_path(workspace)}/why"))

    async def apps(self, workspace: str) -> list[AppState]:
        """Its apps, with their state."""
        answer = await self._connection.get(f"{_path(workspace)}/apps")
        return [AppState.model_validate(item) for item in answer["items"]]

    async def ports(self, workspace: str) -> list[Port]:
        """Ports that something listens on."""
        answer = await self._connection.get(f"{_path(workspace)}/ports")
        return [Port.model_validate(item) for item in answer["items"]]

    async def hooks(self, workspace: str) -> list[Hook]:
        """Its life-cycle hooks in this start."""
        return _hooks(await self._connection.get(f"{_path(workspace)}/hooks"))

    async def run_hooks(self, workspace: str, stage: str) -> list[Hook]:
        """Have a stage of hooks run again. Raises `bad_value`, `wrong_state`, `not_running`."""
        return _hooks(await self._connection.send("POST", f"{_path(workspace)}/hooks/{segment(stage)}/run"))

    async def _goal(self, workspace: str, verb: str, body: dict[str, Any] | None = None) -> Workspace:
        return _workspace(await self._connection.send("POST", f"{_path(workspace)}/{verb}", body))


def _path(workspace: str) -> str:
    return f"/workspaces/{segment(workspace)}"


def _workspace(answer: Any) -> Workspace:
    return Workspace.model_validate(answer)


def _hooks(answer: Any) -> list[Hook]:
    return [Hook.model_validate(item) for item in answer["items"]]


def _params(chosen: Chosen) -> dict[str, Any]:
    return {
        "phase": list(chosen.phases) or None,
        "project": chosen.project or None,
        "domain": chosen.domain or None,
        "owner": chosen.owner or None,
        "q": chosen.text or None,
        "deleted": "true" if chosen.deleted else None,
        "shared": "true" if chosen.shared else None,
        "archived": None if chosen.archived is None else str(chosen.archived).lower(),
    }
