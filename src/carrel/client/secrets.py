"""Secrets: store, list, remove. A value goes in and never comes out."""

from __future__ import annotations

from collections.abc import Sequence

from carrel.client.connection import Connection, segment
from carrel.client.documents import StoredSecret, WorkspaceSecret
from carrel.core.secret import Secret


class Secrets:
    """One's own (`/secrets`), a project's (`/projects/NAME/secrets`), a workspace's (`/workspaces/ID/secrets`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put(self, name: str, value: Secret, sources: Sequence[str]) -> StoredSecret:
        """Store one's own, for workspaces of these sources. Raises `bad_value`."""
        body = {"value": value.reveal(), "sources": list(sources)}
        return StoredSecret.model_validate(await self._connection.send("PUT", f"/secrets/{segment(name)}", body))

    async def put_at(self, place: str, name: str, value: Secret) -> StoredSecret:
        """Store a secret of a `place`. Raises `bad_value`, `not_found`, `not_allowed`."""
        body = {"value": value.reveal()}
        return StoredSecret.model_validate(await self._connection.send("PUT", f"{place}/{segment(name)}", body))

    async def of_workspace(self, workspace: str) -> list[WorkspaceSecret]:
        """What a workspace gets, and what its repository would like to have."""
        answer = await self._connection.get(workspace_place(workspace))
        return [WorkspaceSecret.model_validate(item) for item in answer["items"]]

    async def list(self, place: str = "/secrets") -> list[StoredSecret]:
        """One's own, or a project's."""
        return [StoredSecret.model_validate(item) for item in (await self._connection.get(place))["items"]]

    async def delete(self, name: str, place: str = "/secrets") -> None:
        """Remove a secret. Raises `not_found`."""
        await self._connection.send("DELETE", f"{place}/{segment(name)}")


def project_place(project: str) -> str:
    """Where a project's secrets are."""
    return f"/projects/{segment(project)}/secrets"


def workspace_place(workspace: str) -> str:
    """Where a workspace's secrets are, by its id."""
    return f"/workspaces/{segment(workspace)}/secrets"
