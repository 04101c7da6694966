"""What belongs to the owner of a workspace, as the store keeps it sealed: opened only for its one purpose."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.sources import host_of
from carrel.core.workspace import Workspace
from carrel.server.actions.git_credentials import git_credential_of
from carrel.server.actions.preferences import dotfiles_of
from carrel.server.actions.secrets import revealed
from carrel.server.reconcile.dotfiles import dotfiles_hook
from carrel.server.reconcile.environment import Session
from carrel.server.reconcile.extension_folder import ExtensionFolder
from carrel.server.store.engine import Store


@dataclass(frozen=True)
class Choices:
    """What an administrator chose for every start."""

    hook_timeout_seconds: float = Session.hook_timeout_seconds
    editor_gallery: str = ""
    extensions: ExtensionFolder = field(default_factory=lambda: ExtensionFolder(Path()))


@dataclass(frozen=True)
class StoredCredentials:
    """The owner's credentials in the store."""

    store: Store
    registry: Mapping[str, tuple[str, Secret]]
    """The installation's own: registry host to user name and password."""
    choices: Choices = Choices()

    async def git(self, workspace: Workspace, url: str) -> tuple[str, Secret] | None:
        """User name and token for the host of a git URL, or None."""
        async with self.store.reading() as session:
            return await git_credential_of(session, self.store.keys, workspace.owner_id, host_of(url))

    async def registries(self, workspace: Workspace) -> Mapping[str, tuple[str, Secret]]:  # noqa: ARG002  one for all so far
        """Registry host to user name and password."""
        return self.registry

    async def session(self, workspace: Workspace) -> Session:
        """Secrets, dotfiles and git identity for the workspace's processes, and what an administrator chose."""
        async with self.store.reading() as session:
            secrets = await revealed(session, self.store.keys, workspace)
            dotfiles = await dotfiles_of(session, workspace)
        credential = await self.git(workspace, dotfiles.repository) if dotfiles.repository else None
        return Session(
            secrets=secrets,
            git_name=workspace.owner,
            dotfiles=dotfiles_hook(dotfiles, credential),
            hook_timeout_seconds=self.choices.hook_timeout_seconds,
            editor_gallery=self.choices.editor_gallery,
            extensions=await self.choices.extensions.files(),
        )


def gallery_of(setting: str) -> str:
    """The setting `extension_gallery` as code-server takes it; an address stands for the API of a gallery.

    Raises:
        Problem: `bad_value`.
    """
    text = setting.strip()
    if not text:
        return ""
    if not text.startswith("{"):
        parts = urlsplit(text)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise Problem("bad_value", "The setting extension_gallery is neither an address nor a JSON object.")
        base = text.rstrip("/")
        return json.dumps({"serviceUrl": base, "itemUrl": f"{base.removesuffix('/gallery')}/item"})
    try:
        found = json.loads(text)
    except ValueError as error:
        raise Problem("bad_value", f"The setting extension_gallery: {error}.") from error
    if not isinstance(found.get("serviceUrl"), str):
        raise Problem("bad_value", "The setting extension_gallery has no `serviceUrl`.")
    return json.dumps(found)
