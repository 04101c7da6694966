"""What belongs to the owner of a workspace, as the store keeps it sealed: opened only for its one purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from carrel.core.secret import Secret
from carrel.core.sources import host_of
from carrel.core.workspace import Workspace
from carrel.server.actions.git_credentials import git_credential_of
from carrel.server.reconcile.environment import Session
from carrel.server.store.engine import Store


@dataclass(frozen=True)
class StoredCredentials:
    """The owner's credentials in the store."""

    store: Store
    registry: Mapping[str, tuple[str, Secret]]
    """The installation's own: registry host to user name and password."""

    async def git(self, workspace: Workspace, url: str) -> tuple[str, Secret] | None:
        """User name and token for the host of a git URL, or None."""
        async with self.store.reading() as session:
            return await git_credential_of(session, self.store.keys, workspace.owner_id, host_of(url))

    async def registries(self, workspace: Workspace) -> Mapping[str, tuple[str, Secret]]:  # noqa: ARG002  one for all so far
        """Registry host to user name and password."""
        return self.registry

    async def session(self, workspace: Workspace) -> Session:
        """Secrets and git identity for the workspace's processes."""
        return Session(git_name=workspace.owner)
