"""What belongs to the owner of a workspace, as the store keeps it sealed: opened only for its one purpose."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.sources import host_of
from carrel.core.workspace import Workspace
from carrel.server.actions.git_credentials import Found, find_git_credential
from carrel.server.actions.given_secrets import RevealedSecrets, demand_wanted, revealed, version_of
from carrel.server.actions.preferences import dotfiles_of
from carrel.server.actions.signing_keys import public_signing_key
from carrel.server.reconcile.dotfiles import dotfiles_hook
from carrel.server.reconcile.environment import Session
from carrel.server.reconcile.extension_folder import ExtensionFolder
from carrel.server.store import users
from carrel.server.store.engine import Store


@dataclass(frozen=True)
class Choices:
    """What an administrator chose for every start."""

    hook_timeout_seconds: float = Session.hook_timeout_seconds
    editor_gallery: str = ""
    extensions: ExtensionFolder = field(default_factory=lambda: ExtensionFolder(Path()))


async def _as_it_is(_user_id: str, found: Found) -> Found:
    return found


@dataclass(frozen=True)
class StoredCredentials:
    """The owner's credentials in the store."""

    store: Store
    registry: Mapping[str, tuple[str, Secret]]
    """The installation's own: registry host to user name and password."""
    choices: Choices = Choices()
    renew: Callable[[str, Found], Awaitable[Found]] = _as_it_is
    """Of a login that expires soon: gets the new token."""

    async def git(self, workspace: Workspace, url: str) -> tuple[str, Secret] | None:
        """User name and token for the host of a git URL, or None."""
        async with self.store.reading() as session:
            found = await find_git_credential(session, self.store.keys, workspace.owner_id, host_of(url))
        if found is None:
            return None
        found = await self.renew(workspace.owner_id, found)
        return found.username, found.token

    async def registries(self, workspace: Workspace) -> Mapping[str, tuple[str, Secret]]:  # noqa: ARG002  one for all so far
        """Registry host to user name and password."""
        return self.registry

    async def check_secrets(self, workspace: Workspace) -> None:
        """Raise `secret_missing` where the definition wants what nobody has."""
        async with self.store.reading() as session:
            await demand_wanted(session, workspace)

    async def secrets_version(self, workspace: Workspace) -> str:
        """Another one whenever the workspace gets other secrets; no value is opened for it."""
        async with self.store.reading() as session:
            return await version_of(session, workspace)

    async def secrets(self, workspace: Workspace) -> RevealedSecrets:
        """What the workspace gets now; what is missing is left out."""
        async with self.store.reading() as session:
            return await revealed(session, self.store.keys, workspace)

    async def session(self, workspace: Workspace) -> Session:
        """Secrets, dotfiles and git identity for the workspace's processes, and what an administrator chose. Raises `secret_missing`."""
        async with self.store.reading() as session:
            await demand_wanted(session, workspace)
            secrets = await revealed(session, self.store.keys, workspace)
            dotfiles = await dotfiles_of(session, workspace)
            name, email = await users.identity(session, workspace.owner_id)
            signs = (await users.preferences(session, workspace.owner_id)).sign_commits
            signing_key = await public_signing_key(session, workspace.owner_id) if signs else ""
        credential = await self.git(workspace, dotfiles.repository) if dotfiles.repository else None
        return Session(
            secrets=secrets.variables,
            secret_files=secrets.files,
            secrets_version=secrets.version,
            git_name=name or workspace.owner,
            git_email=email,
            git_signing_key=signing_key,
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
