"""Secrets of users, projects, domains and workspaces: stored sealed, never shown again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.names import check_name
from carrel.core.problems import Problem
from carrel.core.project import DOMAINS
from carrel.core.secret import Secret
from carrel.core.secret_names import check_key, check_variable
from carrel.core.workspace import Workspace
from carrel.server.actions.projects import keep
from carrel.server.settings import Settings
from carrel.server.store import audit, secrets
from carrel.server.store.keys import KeyRing
from carrel.server.store.secret_users import wake_users
from carrel.server.store.secrets import SecretName, SecretScope, StoredSecret
from carrel.server.store.sessions import ReadSession, WriteSession

MAX_CHARACTERS = 48 * 1024
"""What Codespaces takes; the kernel takes 128 KiB for one variable."""
MAX_SECRETS = 200
"""Of one owner: all of them may be in the environment of every process."""


class Only(StrEnum):
    """What may be there already when a secret is stored."""

    ANY = ""
    NEW = "new"
    """Nothing."""
    EXISTING = "existing"
    """One of this name; what else is known of it stays."""


@dataclass(frozen=True)
class Place:
    """Whose secrets: the actor's own, a project's, those of a project in one domain, or a workspace's."""

    scope: SecretScope
    owner: str
    resource: Resource
    action: Action

    @property
    def words(self) -> str:
        """Whose, in a sentence."""
        match self.scope:
            case SecretScope.USER:
                return "yours"
            case SecretScope.PROJECT:
                return f"of the project {self.owner}"
            case SecretScope.DOMAIN:
                return "of the project {} in the domain {}".format(*self.owner.split("/"))
            case _:
                return "of the workspace"

    def subject(self, name: str) -> str:
        """As the audit names it."""
        return f"secret:{self.scope.value}:{self.owner}:{name}"[:80]


def own_place(actor: Actor) -> Place:
    """The actor's own secrets."""
    return Place(SecretScope.USER, actor.user_id, Resource(actor.user_id), Action.SECRET_MANAGE)


def project_place(project: str) -> Place:
    """Secrets of a project, which its maintainers look after."""
    return Place(SecretScope.PROJECT, check_name(project, what="project"), Resource("", project), Action.SECRET_MANAGE)


def domain_place(project: str, domain: str) -> Place:
    """Secrets of a project in one domain, which its maintainers look after. Raises `bad_value`, `bad_name`."""
    if domain not in DOMAINS:
        raise Problem("bad_value", f"There is no domain {domain[:80]!r}.", f"The domains are {', '.join(DOMAINS)}.")
    project = check_name(project, what="project")
    resource = Resource("", project, domain=domain)
    return Place(SecretScope.DOMAIN, f"{project}/{domain}", resource, Action.SECRET_MANAGE)


def workspace_place(workspace: Workspace) -> Place:
    """Secrets of one workspace."""
    resource = Resource.of(workspace)
    return Place(SecretScope.VARIABLE, workspace.id, resource, Action.WORKSPACE_CHANGE)


def check_secret(name: str, value: Secret) -> None:
    """Raise `bad_value` for a name that no variable can have, or a value that no environment can hold."""
    check_variable(name)
    check_value(name, value)


def check_value(name: str, value: Secret) -> None:
    """Raise `bad_value` for a value that neither a variable nor a file of text can hold."""
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
    wanted_only: bool = False
    """A user's only: without patterns; it goes where a definition of his wants it."""
    only: Only = Only.ANY


async def put_secret(
    actor: Actor, session: WriteSession, settings: Settings, keys: KeyRing, place: Place, new: NewSecret
) -> tuple[StoredSecret, bool]:
    """Store a secret, in the place of an earlier one; it, and whether it is a new one.

    Raises:
        Problem: `bad_value`, `over_quota`, `not_allowed`, `name_taken`; `not_found`, also of the project.
    """
    demand(actor, place.action, place.resource)
    if place.scope in (SecretScope.PROJECT, SecretScope.DOMAIN):
        await keep(actor, session, settings, place.resource.project)
    if (
        place.scope is SecretScope.VARIABLE
    ):  # a variable may decide what runs there, with its owner's secrets (ADR 0031)
        demand(actor, Action.WORKSPACE_USE, place.resource)
    name = check_key(new.name)
    check_value(name, new.value)
    before = {one.name: one for one in await secrets.listed(session, place.scope, place.owner)}
    _check_only(place, new, is_there=name in before)
    if new.only is Only.EXISTING and not new.sources:
        sources = tuple(before[name].shown.get("sources", ()))
    else:
        sources = _checked_sources(place, new)
    which = SecretName(place.scope, place.owner, name)
    store = secrets.put_new if new.only is Only.NEW else secrets.put
    is_new = await store(session, keys, which, new.value, {"sources": list(sources)})
    if new.only is Only.NEW and not is_new:
        raise _taken(place, name)
    stored = await secrets.listed(session, place.scope, place.owner)
    if len(stored) > MAX_SECRETS:
        raise Problem("over_quota", f"{MAX_SECRETS} secrets are there already.")
    await audit.append(session, actor, "secret.stored", place.subject(name), {"sources": list(sources)})
    await wake_users(session, place.scope, place.owner)
    return next(one for one in stored if one.name == name), is_new


def _check_only(place: Place, new: NewSecret, *, is_there: bool) -> None:
    if new.only is Only.NEW and is_there:
        raise _taken(place, new.name)
    if new.only is Only.EXISTING and not is_there:
        hint = "`carrel create secret` makes one; `carrel get secret` lists those that there are."
        raise Problem("not_found", f"There is no secret {new.name} {place.words}.", hint)


def _taken(place: Place, name: str) -> Problem:
    hint = "`carrel update secret` gives it another value."
    return Problem("name_taken", f"There is a secret {name} {place.words} already.", hint)


def _checked_sources(place: Place, new: NewSecret) -> tuple[str, ...]:
    if place.scope is not SecretScope.USER or (new.wanted_only and not new.sources):
        return ()
    check_variable(new.name)
    patterns = tuple(dict.fromkeys(text.strip() for text in new.sources if text.strip()))
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
        hint = "`carrel secret ls` lists them."
        raise Problem("not_found", f"There is no secret {name[:80]!r} {place.words}.", hint=hint)
    await audit.append(session, actor, "secret.deleted", place.subject(name), {})
    await wake_users(session, place.scope, place.owner)


async def put_first_secrets(
    actor: Actor, session: WriteSession, keys: KeyRing, workspace: Workspace, values: Mapping[str, Secret]
) -> None:
    """Store what a workspace is made with."""
    for name, value in values.items():
        which = SecretName(SecretScope.VARIABLE, workspace.id, name)
        await secrets.put(session, keys, which, value, {"sources": []})
        await audit.append(session, actor, "secret.stored", workspace_place(workspace).subject(name), {})
