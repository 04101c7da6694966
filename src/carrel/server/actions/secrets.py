"""Secrets of users, projects and workspaces: variables of people's processes; stored sealed, never shown again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.names import check_name
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.spec import FolderSource, GitSource, Source
from carrel.core.workspace import Workspace
from carrel.server.store import audit, secrets
from carrel.server.store.keys import KeyRing
from carrel.server.store.secrets import SecretName, SecretScope, StoredSecret
from carrel.server.store.sessions import ReadSession, WriteSession

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_RESERVED = re.compile(r"LD_.*|CARREL_.*|BASH_ENV|ENV|HOME|IFS|LOGNAME|PATH|PWD|SHELL|SHELLOPTS|USER", re.IGNORECASE)
"""What every process needs as it is, or what changes how a program starts."""
MAX_CHARACTERS = 48 * 1024
"""What Codespaces takes; the kernel takes 128 KiB for one variable."""
MAX_SECRETS = 200
"""Of one owner: all of them are in the environment of every process."""
EVERY_SOURCE = "*"


@dataclass(frozen=True)
class Place:
    """Whose secrets: the actor's own, a project's, or a workspace's."""

    scope: SecretScope
    owner: str
    resource: Resource
    action: Action

    def subject(self, name: str) -> str:
        """As the audit names it."""
        return f"secret:{self.scope.value}:{self.owner}:{name}"[:80]


def own_place(actor: Actor) -> Place:
    """The actor's own secrets."""
    return Place(SecretScope.USER, actor.user_id, Resource(actor.user_id), Action.SECRET_MANAGE)


def project_place(project: str) -> Place:
    """Secrets of a project, which its maintainers look after."""
    return Place(SecretScope.PROJECT, check_name(project, what="project"), Resource("", project), Action.SECRET_MANAGE)


def workspace_place(workspace: Workspace) -> Place:
    """Secrets of one workspace."""
    resource = Resource.of(workspace)
    return Place(SecretScope.VARIABLE, workspace.id, resource, Action.WORKSPACE_CHANGE)


def check_secret(name: str, value: Secret) -> None:
    """Raise `bad_value` for a name that no variable can have, or a value that no environment can hold."""
    if not _NAME.fullmatch(name):
        raise Problem("bad_value", f"{name[:80]!r} is no name of a variable.", "Use letters, digits and `_`.")
    if _RESERVED.fullmatch(name):
        raise Problem("bad_value", f"{name} is a variable that no secret may take the place of.", "Use another name.")
    text = value.reveal()
    if not text or len(text) > MAX_CHARACTERS or "\0" in text:
        raise Problem(
            "bad_value", f"{name}: its value is empty, longer than {MAX_CHARACTERS} characters, or has a NUL."
        )


@dataclass(frozen=True)
class NewSecret:
    """A secret to be stored."""

    name: str
    value: Secret
    sources: tuple[str, ...] = ()
    """A user's only: patterns of the addresses whose workspaces get it; `*` is every one."""


async def put_secret(
    actor: Actor, session: WriteSession, keys: KeyRing, place: Place, new: NewSecret
) -> tuple[StoredSecret, bool]:
    """Store a secret, in the place of an earlier one; it, and whether it is a new one.

    Raises:
        Problem: `bad_value`, `over_quota`, `not_allowed`.
    """
    demand(actor, place.action, place.resource)
    name = new.name
    check_secret(name, new.value)
    sources = _checked_sources(place, new.sources)
    which = SecretName(place.scope, place.owner, name)
    is_new = await secrets.put(session, keys, which, new.value, {"sources": list(sources)})
    stored = await secrets.listed(session, place.scope, place.owner)
    if len(stored) > MAX_SECRETS:
        raise Problem("over_quota", f"{MAX_SECRETS} secrets are there already.")
    await audit.append(session, actor, "secret.stored", place.subject(name), {"sources": list(sources)})
    return next(one for one in stored if one.name == name), is_new


def _checked_sources(place: Place, sources: tuple[str, ...]) -> tuple[str, ...]:
    if place.scope is not SecretScope.USER:
        return ()
    patterns = tuple(dict.fromkeys(text.strip() for text in sources if text.strip()))
    if not patterns:
        hint = "Give addresses, also with `*`: `https://github.com/me/*`; `*` alone is every repository you open."
        raise Problem("bad_value", "For which repositories is it? Code of others gets what you give it.", hint)
    if len(patterns) > 50 or any(len(text) > 500 or not text.isprintable() for text in patterns):
        raise Problem("bad_value", "sources: at most 50 patterns of at most 500 characters.")
    return patterns


async def list_secrets(actor: Actor, session: ReadSession, place: Place) -> list[StoredSecret]:
    """Names; never a value."""
    demand(actor, place.action, place.resource)
    return await secrets.listed(session, place.scope, place.owner)


async def delete_secret(actor: Actor, session: WriteSession, place: Place, name: str) -> None:
    """Remove a secret. Raises `not_found`."""
    demand(actor, place.action, place.resource)
    if not await secrets.remove(session, SecretName(place.scope, place.owner, name)):
        raise Problem("not_found", f"There is no secret {name[:80]!r}.", hint="`carrel secret ls` lists them.")
    await audit.append(session, actor, "secret.deleted", place.subject(name), {})


async def put_first_secrets(
    actor: Actor, session: WriteSession, keys: KeyRing, workspace: Workspace, values: Mapping[str, Secret]
) -> None:
    """Store what a workspace is made with."""
    for name, value in values.items():
        which = SecretName(SecretScope.VARIABLE, workspace.id, name)
        await secrets.put(session, keys, which, value, {"sources": []})
        await audit.append(session, actor, "secret.stored", workspace_place(workspace).subject(name), {})


# --- for one workspace -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanting:
    """For what secrets are looked up: a workspace, or one that may be made."""

    owner_id: str
    project: str
    source: Source
    workspace_id: str = ""

    @classmethod
    def of(cls, workspace: Workspace) -> Wanting:
        """What a workspace gets; a prebuild gets its project's alone (C376)."""
        if workspace.is_prebuild:
            return cls("", workspace.project, workspace.source)
        return cls(workspace.owner_id, workspace.project, workspace.source, workspace.id)


async def given(session: ReadSession, wanting: Wanting) -> dict[str, SecretName]:
    """Which secrets its processes get, by variable: a workspace's own before the user's before the project's."""
    found: dict[str, SecretName] = {}
    owners = {
        SecretScope.PROJECT: wanting.project,
        SecretScope.USER: wanting.owner_id,
        SecretScope.VARIABLE: wanting.workspace_id,
    }
    for scope, owner in owners.items():
        for stored in await secrets.listed(session, scope, owner):
            if scope is not SecretScope.USER or is_meant_for(stored.shown.get("sources", ()), wanting.source):
                found[stored.name] = SecretName(scope, owner, stored.name)
    return found


def is_meant_for(patterns: tuple[str, ...] | list[str], source: Source) -> bool:
    """Whether a user's secret with these patterns goes to workspaces of a source."""
    match source:
        case GitSource(url=address):
            pass
        case FolderSource(path=address):
            pass
        case _:
            address = ""
    bare = address.removesuffix(".git")
    return any(
        pattern == EVERY_SOURCE or fnmatchcase(address, pattern) or fnmatchcase(bare, pattern) for pattern in patterns
    )


async def revealed(session: ReadSession, keys: KeyRing, workspace: Workspace) -> dict[str, Secret]:
    """The variables of a workspace's processes: for its agent alone."""
    opened: dict[str, Secret] = {}
    for name, which in (await given(session, Wanting.of(workspace))).items():
        found = await secrets.reveal(session, keys, which)
        if found is not None:
            opened[name] = found[0]
    return opened


async def of_workspace(session: ReadSession, workspace: Workspace) -> dict[str, SecretScope]:
    """From where a workspace, which the actor may see, gets which secret: names, never a value."""
    return {name: which.scope for name, which in (await given(session, Wanting.of(workspace))).items()}
