"""Which secrets a workspace gets, from whom, and how: as variables of people's processes, or as files (ADR 0031)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from carrel.core.definition import WantedSecret
from carrel.core.problems import Problem
from carrel.core.project import DEFAULT_DOMAIN
from carrel.core.secret import Secret
from carrel.core.secret_names import is_variable, nearest
from carrel.core.spec import FolderSource, GitSource, Source
from carrel.core.workspace import Workspace
from carrel.server.store import secrets
from carrel.server.store.keys import KeyRing
from carrel.server.store.secrets import SecretName, SecretScope, StoredSecret
from carrel.server.store.sessions import ReadSession

EVERY_SOURCE = "*"
AUTOMATIC = (SecretScope.PROJECT, SecretScope.DOMAIN, SecretScope.USER, SecretScope.VARIABLE)
"""What a workspace gets without being asked; a later one goes before an earlier one."""
WANTED = (SecretScope.VARIABLE, SecretScope.DOMAIN, SecretScope.PROJECT, SecretScope.USER)
"""Where a key of the definition is looked up; the first one that has it gives it."""
VERSION_LENGTH = 16


@dataclass(frozen=True)
class Wanting:
    """For what secrets are looked up: a workspace, or one that may be made."""

    owner_id: str
    project: str
    source: Source
    workspace_id: str = ""
    domain: str = DEFAULT_DOMAIN
    wanted: tuple[WantedSecret, ...] = ()
    """Of its definition."""

    @classmethod
    def of(cls, workspace: Workspace) -> Wanting:
        """What a workspace gets; a prebuild gets its project's alone (C376)."""
        if workspace.is_prebuild:
            return cls("", workspace.project, workspace.source, domain=workspace.domain)
        wanted = workspace.definition.secrets if workspace.definition is not None else ()
        return cls(workspace.owner_id, workspace.project, workspace.source, workspace.id, workspace.domain, wanted)

    def owners(self) -> dict[SecretScope, str]:
        """Whose secrets are looked at."""
        return {
            SecretScope.PROJECT: self.project,
            SecretScope.DOMAIN: f"{self.project}/{self.domain}",
            SecretScope.USER: self.owner_id,
            SecretScope.VARIABLE: self.workspace_id,
        }


@dataclass(frozen=True)
class Given:
    """Names of what a workspace gets, and of what it does not."""

    variables: Mapping[str, SecretName] = field(default_factory=dict)
    """By variable."""
    files: Mapping[str, SecretName] = field(default_factory=dict)
    """By key."""
    missing: tuple[str, ...] = ()
    """Keys that the definition wants and nobody has."""
    near: Mapping[str, str] = field(default_factory=dict)
    """For a missing key the name that was probably meant."""
    version: str = ""
    """Another one whenever anything of it is another; says nothing of values. Empty: there is none."""


@dataclass(frozen=True)
class RevealedSecrets:
    """What a workspace gets, opened: for its agent alone."""

    variables: Mapping[str, Secret] = field(default_factory=dict)
    files: Mapping[str, Secret] = field(default_factory=dict)
    version: str = ""


async def given(session: ReadSession, wanting: Wanting) -> Given:
    """What its processes get, and how."""
    owners = {scope: owner for scope, owner in wanting.owners().items() if owner}
    found: dict[SecretScope, dict[str, tuple[SecretName, StoredSecret]]] = {scope: {} for scope in SecretScope}
    for which, stored in await secrets.of_owners(session, owners):
        found[which.scope][which.name] = which, stored
    variables, files, missing = dict(_automatic(found, wanting)), {}, []
    named = {one.key for one in wanting.wanted}
    variables = {name: one for name, one in variables.items() if name not in named}
    for one in wanting.wanted:
        stored_one = next((found[scope][one.key] for scope in WANTED if _has(found[scope], one.key, wanting)), None)
        if stored_one is None:
            missing.append(one.key)
        elif one.env_var:
            variables[one.env_var] = stored_one
        else:
            files[one.key] = stored_one
    names = [name for scope in WANTED for name in found[scope] if _has(found[scope], name, wanting)]
    return Given(
        {name: which for name, (which, _) in sorted(variables.items())},
        {name: which for name, (which, _) in sorted(files.items())},
        tuple(dict.fromkeys(missing)),
        {key: close for key in missing if (close := nearest(key, names))},
        _version(variables, files),
    )


def _automatic(
    found: Mapping[SecretScope, Mapping[str, tuple[SecretName, StoredSecret]]], wanting: Wanting
) -> Iterable[tuple[str, tuple[SecretName, StoredSecret]]]:
    for scope in AUTOMATIC:
        for name, (which, stored) in found[scope].items():
            sources = stored.shown.get("sources", ())
            if is_variable(name) and (scope is not SecretScope.USER or is_meant_for(sources, wanting.source)):
                yield name, (which, stored)


def _has(found: Mapping[str, tuple[SecretName, StoredSecret]], key: str, wanting: Wanting) -> bool:
    """Whether this owner gives the key; a user's own with patterns goes nowhere else."""
    if key not in found:
        return False
    which, stored = found[key]
    sources = stored.shown.get("sources", ())
    return which.scope is not SecretScope.USER or not sources or is_meant_for(sources, wanting.source)


def _version(*places: Mapping[str, tuple[SecretName, StoredSecret]]) -> str:
    if not any(places):
        return ""
    told = [
        [kind, name, which.context(), stored.created_at.isoformat(), stored.updated_at.isoformat()]
        for kind, place in enumerate(places)
        for name, (which, stored) in sorted(place.items())
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:VERSION_LENGTH]


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


async def revealed(session: ReadSession, keys: KeyRing, workspace: Workspace) -> RevealedSecrets:
    """What a workspace gets: for its agent alone; what is missing is left out."""
    found = await given(session, Wanting.of(workspace))
    variables = await _opened(session, keys, found.variables)
    return RevealedSecrets(variables, await _opened(session, keys, found.files), found.version)


async def _opened(session: ReadSession, keys: KeyRing, names: Mapping[str, SecretName]) -> dict[str, Secret]:
    opened = {name: await secrets.reveal(session, keys, which) for name, which in names.items()}
    return {name: found[0] for name, found in opened.items() if found is not None}


async def version_of(session: ReadSession, workspace: Workspace) -> str:
    """The version of what a workspace gets now."""
    return (await given(session, Wanting.of(workspace))).version


async def demand_wanted(session: ReadSession, workspace: Workspace) -> None:
    """Raise `secret_missing` where the definition wants a key that nobody gives."""
    found = await given(session, Wanting.of(workspace))
    if not found.missing:
        return
    keys = " and ".join(found.missing)
    project, domain = workspace.project, workspace.domain
    detail = (
        f"The workspace wants the secret{'s' if len(found.missing) > 1 else ''} {keys}, which "
        f"{'are' if len(found.missing) > 1 else 'is'} neither among the workspace's own, nor in the domain {domain} "
        f"of the project {project}, nor in the project {project}, nor among {workspace.owner}'s own for this source."
    )
    close = "".join(f"There is {name}: was that meant by {key}? " for key, name in found.near.items())
    store = f"`carrel create secret --project {project} --domain {domain} --name {found.missing[0]}` stores one"
    raise Problem("secret_missing", detail, f"{close}{store}; then `carrel start {workspace.name}`.")


async def of_workspace(session: ReadSession, workspace: Workspace) -> dict[str, SecretScope | None]:
    """From where a workspace, which the actor may see, gets which secret; None: it is missing. Names, never a value."""
    found = await given(session, Wanting.of(workspace))
    scopes: dict[str, SecretScope | None] = dict.fromkeys(found.missing)
    return scopes | {name: which.scope for place in (found.variables, found.files) for name, which in place.items()}
