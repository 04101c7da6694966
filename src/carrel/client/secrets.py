"""Secrets: store, list, remove. A value goes in and never comes out."""

from __future__ import annotations

from collections.abc import Sequence

from carrel.client.connection import Connection, segment
from carrel.client.documents import StoredSecret, WorkspaceSecret
from carrel.core.secret import Secret

OWN = "/secrets"
"""Where one's own are."""


class Secrets:
    """One's own (`/secrets`), a project's (`/projects/NAME/secrets`), in one domain, a workspace's (`/workspaces/ID/secrets`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put(self, name: str, value: Secret, sources: Sequence[str]) -> StoredSecret:
        """Store one's own, for workspaces of these sources. Raises `bad_value`."""
        body = {"value": value.reveal(), "sources": list(sources)}
        return StoredSecret.model_validate(await self._connection.send("PUT", f"/secrets/{segment(name)}", body))

    async def put_at(self, place: str, name: str, value: Secret, *, only: str = "") -> StoredSecret:
        """Store a secret of a `place`; of one's own, for workspaces whose definition wants it.

        Args:
            place: `/secrets`, `project_place`, `domain_place`, `workspace_place`.
            name: of the secret.
            value: of the secret.
            only: `new`: raise `name_taken` where there is one; `existing`: raise `not_found` where there is none.

        Raises:
            Problem: `bad_value`, `not_found`, `not_allowed`, `name_taken`.
        """
        body: dict[str, object] = {"value": value.reveal()}
        if place == OWN:
            body["wanted_only"] = True
        path = f"{place}/{segment(name)}" + (f"?only={only}" if only else "")
        return StoredSecret.model_validate(await self._connection.send("PUT", path, body))

    async def of_workspace(self, workspace: str) -> list[WorkspaceSecret]:
        """What a workspace gets, and what its repository would like to have."""
        answer = await self._connection.get(workspace_place(workspace))
        return [WorkspaceSecret.model_validate(item) for item in answer["items"]]

    async def list(self, place: str = OWN) -> list[StoredSecret]:
        """One's own, or a project's."""
        return [StoredSecret.model_validate(item) for item in (await self._connection.get(place))["items"]]

    async def delete(self, name: str, place: str = OWN) -> None:
        """Remove a secret. Raises `not_found`."""
        await self._connection.send("DELETE", f"{place}/{segment(name)}")


def project_place(project: str) -> str:
    """Where a project's secrets are."""
    return f"/projects/{segment(project)}/secrets"


def domain_place(project: str, domain: str) -> str:
    """Where the secrets of a project in one domain are."""
    return f"/projects/{segment(project)}/domains/{segment(domain)}/secrets"


def workspace_place(workspace: str) -> str:
    """Where a workspace's secrets are, by its id."""
    return f"/workspaces/{segment(workspace)}/secrets"
