"""Making and changing workspaces: row, audit and event in one transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import count
from typing import Any

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.definition import Definition
from carrel.core.events import Event
from carrel.core.names import MAX_NAME_LENGTH, check_name, name_from_source
from carrel.core.policy import check_asked, of_workspace
from carrel.core.preferences import Dotfiles, check_dotfiles
from carrel.core.problems import Problem
from carrel.core.records import dump
from carrel.core.secret import Secret
from carrel.core.sources import check_ref
from carrel.core.spec import Egress, EmptySource, FolderSource, GitSource, Limits, Source
from carrel.core.workspace import PREBUILD, AskedRetention, Goal, OnEnd, Phase, Workspace, new_id
from carrel.definition.members import ENVIRONMENT
from carrel.server.actions import quota as quotas
from carrel.server.actions.definitions import check_together, place_of
from carrel.server.actions.policies import check_wish, defaults_of
from carrel.server.actions.prebuilds import find_prebuild, prebuild_name, take_prebuild
from carrel.server.actions.projects import usable
from carrel.server.actions.secrets import check_secret
from carrel.server.actions.template_use import TemplateChange, of_template, worked_out
from carrel.server.actions.workspace_checks import (
    check_allow,
    check_devcontainer,
    check_labels,
    check_limits,
    checked_source,
    with_defaults,
)
from carrel.server.settings import Settings
from carrel.server.store import audit, events, idempotency, workspaces
from carrel.server.store.sessions import WriteSession
from carrel.templates.joining import check_ceiling


@dataclass(frozen=True)
class NewWorkspace:
    """What a person asks for; None: as the settings say."""

    source: Source = EmptySource()
    name: str = ""
    """Empty: made from the source's name, with -2, -3 ... where that is taken."""
    devcontainer: str = ""
    project: str = ""
    """Empty: as the preferences of the actor say, else the settings."""
    domain: str = ""
    limits: Limits = Limits()
    egress: Egress = Egress.OPEN
    allow: tuple[str, ...] = ()
    ttl_seconds: int | None = None
    max_life_seconds: int | None = None
    on_idle: OnEnd = OnEnd.STOP
    on_deadline: OnEnd = OnEnd.STOP
    labels: Mapping[str, str] = field(default_factory=dict)
    start: bool = True
    """False: it is made, but not started."""
    dotfiles: Dotfiles | None = None
    """None: the owner's preference."""
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    """Variables of its processes, which `secrets.put_first_secrets` stores."""
    definition: Definition | None = None
    """In normal form (carrel.definition.members); None: nothing is said."""


async def create_workspace(
    actor: Actor, session: WriteSession, settings: Settings, new: NewWorkspace, idempotency_key: str = ""
) -> tuple[Workspace, bool]:
    """Make a workspace; it and whether it is new (False: a repeated request).

    Raises:
        Problem: `bad_source`, `bad_name`, `bad_value`, `name_taken`, `over_quota`, `not_allowed`, `idempotency_mismatch`;
            `not_found` for a project that is not the actor's.
    """
    asked, new = new, await place_of(actor, session, settings, new)
    new = replace(new, project=await usable(actor, session, settings, new.project, new.domain))
    hashed = dump(replace(asked, secrets={name: Secret("") for name in asked.secrets}))
    request_hash = hashlib.sha256(json.dumps(hashed, sort_keys=True).encode()).hexdigest()
    if idempotency_key:
        answer = await idempotency.begin(session, actor.user_id, idempotency_key, request_hash)
        if answer:
            return await workspaces.get(session, actor, answer), False
    own_grants = check_allow(actor, new.allow)
    new, making = await of_template(actor, session, replace(new, allow=own_grants))
    new = _checked(actor, settings, new)
    if making is not None:
        check_ceiling(new.limits, making.ceiling)
        new = replace(new, limits=making.sized(settings, new.limits))
    bounds = making.policy if making is not None else None
    await check_wish(session, settings, new.project, new.ttl_seconds, new.max_life_seconds, bounds)
    # One create at a time for each owner: a free name and a free place stay free until the row is there.
    place = quotas.Place(actor.user_id, new.project)
    await quotas.hold(session, settings, place)
    workspace = _row(actor, settings, new, await _name(actor, session, new))
    if making is not None:
        workspace = replace(workspace, template_id=making.template_id, template_version=making.number)
    takes = new.start and not workspace.is_prebuild and not new.definition
    ready = await find_prebuild(session, settings, workspace) if takes else None
    if ready is None:  # one that is ready counts already
        await quotas.check_create(actor, session, settings, place)
    if new.start:
        await quotas.check_start(actor, session, settings, workspace)
    if ready is None:
        await workspaces.insert(session, workspace)
    else:
        workspace = await take_prebuild(session, ready, workspace)
    subject = f"workspace:{workspace.id}"
    source = {"source": dump(workspace.source)}
    made_of = {"template": making.template.name, "version": making.number} if making is not None else {}
    await audit.append(session, actor, "workspace.created", subject, {"name": workspace.name, **source, **made_of})
    if new.allow:
        await audit.append(session, actor, "workspace.granted", subject, {"allow": list(new.allow), **made_of})
    if idempotency_key:
        await idempotency.finish(session, actor.user_id, idempotency_key, workspace.id)
    data = {"name": workspace.name, "by": actor.name, "allow": list(new.allow), **source, **made_of}
    await events.append(session, workspace.id, [Event("created", data)])
    return await workspaces.get(session, actor, workspace.id), True


def _checked(actor: Actor, settings: Settings, new: NewWorkspace) -> NewWorkspace:
    """`new` with its source in normal form, if all of it is acceptable."""
    check_devcontainer(new.devcontainer)
    check_together(new.definition, new.devcontainer)
    check_labels(new.labels)
    if new.definition and new.definition.accelerator:
        quotas.known_accelerator(settings, new.definition.accelerator)
        new = replace(new, limits=quotas.with_accelerator(new.limits, new.definition.accelerator))
    check_limits(settings, new.limits)
    for name, value in new.secrets.items():
        check_secret(name, value)
    dotfiles = check_dotfiles(new.dotfiles, settings.allow_git_schemes) if new.dotfiles else None
    return replace(new, source=checked_source(actor, settings, new.source), dotfiles=dotfiles)


def _row(actor: Actor, settings: Settings, new: NewWorkspace, name: str) -> Workspace:
    return Workspace(
        id=new_id(),
        owner_id=actor.user_id,
        owner=actor.name,
        name=name,
        source=new.source,
        devcontainer=new.devcontainer,
        project=new.project,
        domain=new.domain,
        goal=Goal.RUN if new.start else Goal.STOP,
        limits=with_defaults(settings, new.limits),
        egress=new.egress,
        allow=new.allow,
        retention=AskedRetention(new.ttl_seconds, new.max_life_seconds, new.on_idle, new.on_deadline),
        labels=dict(new.labels),
        dotfiles=new.dotfiles,
        definition=new.definition,
    )


async def _name(actor: Actor, session: WriteSession, new: NewWorkspace) -> str:
    """The name asked for, or a free one made from the source."""
    if new.name:
        return check_name(new.name)
    match new.source:
        case _ if PREBUILD in new.labels and isinstance(new.source, GitSource):
            stem = prebuild_name(new.source)
        case GitSource(url=url):
            stem = name_from_source(url)
        case FolderSource(path=path):
            stem = name_from_source(path)
        case _ if new.definition is not None and new.definition.template is not None:
            stem = new.definition.template.name
        case _:
            stem = "workspace"
    used = await workspaces.names_like(session, actor.user_id, stem[: MAX_NAME_LENGTH - 6])
    if stem not in used:
        return stem
    return next(name for n in count(2) if (name := f"{stem[: MAX_NAME_LENGTH - 6].rstrip('-')}-{n}") not in used)


# --- change ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WorkspaceUpdate:
    """What is to be changed; None: this is not."""

    name: str | None = None
    limits: Limits | None = None
    egress: Egress | None = None
    devcontainer: str | None = None
    ref: str | None = None
    allow: tuple[str, ...] | None = None
    ttl_seconds: int | None = None
    max_life_seconds: int | None = None
    as_policy: frozenset[str] = frozenset()
    """Of these times those that the policy is to say again."""
    on_idle: OnEnd | None = None
    on_deadline: OnEnd | None = None
    labels: Mapping[str, str] | None = None
    dotfiles: Dotfiles | None = None
    definition: Mapping[str, Any] = field(default_factory=dict)
    """Members of Definition that are to be others, in normal form."""
    template: TemplateChange | None = None
    """Another version of its template, or other values."""


_ENVIRONMENT = ("limits", "egress", "devcontainer", "source", "allow")
"""Columns that the environment depends on: a running workspace is made anew with them."""
RUNS = ("secrets", "on_startup", "env", "image", "image_spec", "apps")
"""Members of the definition that only who may be in the workspace changes."""


async def update_workspace(
    actor: Actor, session: WriteSession, settings: Settings, id_or_name: str, update: WorkspaceUpdate
) -> Workspace:
    """Change settings of a workspace. What its containers depend on takes effect at once: they are made anew.

    Raises:
        Problem: `not_found`, `not_allowed`, `bad_value`, `bad_name`, `bad_source`, `name_taken`, `over_quota`;
            `wrong_state` for another ref once the files are there.
    """
    found = await workspaces.get(session, actor, id_or_name)
    if update.limits is not None or "accelerator" in update.definition or update.template is not None:
        await quotas.hold(session, settings, quotas.Place.of(found))
    workspace = await workspaces.lock_id(session, found.id)
    demand(actor, Action.WORKSPACE_CHANGE, Resource.of(workspace))
    changes = await changes_of(actor, session, settings, workspace, update)
    values = dict(changes.values)
    if not values:
        return workspace
    if changes.says_what_runs:
        demand(actor, Action.WORKSPACE_USE, Resource.of(workspace))
    if "source" in values:
        _check_not_fetched(workspace)
    if workspace.goal is Goal.RUN and values.keys() & {"limits", "definition"}:
        wanted = replace(workspace, **{name: values[name] for name in ("limits", "definition") if name in values})
        await quotas.check_resize(actor, session, settings, workspace, wanted)
    await workspaces.change(session, workspace.id, values | {"generation": workspace.generation + 1, "failure": None})
    await record_update(actor, session, workspace, changes)
    return await workspaces.get(session, actor, workspace.id)


@dataclass(frozen=True)
class Changes:
    """What an update changes of a workspace."""

    values: Mapping[str, Any]
    """Columns that become others; none: nothing does."""
    says_what_runs: bool
    """Only who may be in the workspace may do it."""

    @property
    def fields(self) -> list[str]:
        """As people are told of them."""
        told = {"template_version": "template"}
        return sorted(told.get(name, name) for name in self.values if name not in {"revision", "no_cache"})


async def changes_of(
    actor: Actor, session: WriteSession, settings: Settings, workspace: Workspace, update: WorkspaceUpdate
) -> Changes:
    """Work out what an update changes; nothing is written. Raises as `update_workspace` does."""
    change = await worked_out(actor, session, settings, workspace, update)
    base, update = (workspace, update) if change is None else (change.base, change.update)
    found = _new_values(actor, settings, base, update) | (dict(change.values) if change is not None else {})
    values = {name: value for name, value in found.items() if value != getattr(workspace, name)}
    other_files = change is not None and change.other_files
    if change is not None and "limits" in values:
        check_ceiling(values["limits"], change.ceiling)
    # A version says, too, whether the next ones come unasked (`update: at_start`): its owner agrees to that, nobody for him.
    runs = _says_what_runs(workspace.definition, values) or other_files or "template_version" in values
    is_other = any(name in values for name in _ENVIRONMENT) or _is_other_environment(workspace.definition, values)
    if is_other or other_files:
        values |= {"revision": workspace.revision + 1, "no_cache": False}
    return Changes(values, runs)


async def record_update(actor: Actor, session: WriteSession, workspace: Workspace, changes: Changes) -> None:
    """Write the audit and the event of an update that was made."""
    subject, values = f"workspace:{workspace.id}", changes.values
    more: dict[str, Any] = {}
    if "template_version" in values and workspace.template is not None:
        more = {"template": workspace.template.name, "version": values["template_version"]}
    await audit.append(session, actor, "workspace.updated", subject, {"fields": changes.fields, **more})
    if "allow" in values:
        await audit.append(session, actor, "workspace.granted", subject, {"allow": list(values["allow"])})
    await events.append(session, workspace.id, [Event("updated", {"fields": changes.fields, "by": actor.name, **more})])


def _new_values(actor: Actor, settings: Settings, workspace: Workspace, update: WorkspaceUpdate) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if update.name is not None:
        values["name"] = check_name(update.name)
    accelerator = update.definition.get("accelerator", "")
    quotas.known_accelerator(settings, accelerator)
    if update.limits is not None or accelerator:
        limits = quotas.with_accelerator(update.limits or workspace.limits, accelerator)
        check_limits(settings, limits)
        values["limits"] = with_defaults(settings, limits)
    if update.egress is not None:
        values["egress"] = update.egress
    if update.devcontainer is not None:
        values["devcontainer"] = check_devcontainer(update.devcontainer)
    if update.ref is not None:
        if not isinstance(workspace.source, GitSource):
            raise Problem("bad_value", "Only a workspace of a repository has a ref.")
        values["source"] = replace(workspace.source, ref=check_ref(update.ref))
    if update.allow is not None:
        values["allow"] = check_allow(actor, update.allow)
    if update.labels is not None:
        values["labels"] = check_labels(update.labels)
    if update.dotfiles is not None:
        values["dotfiles"] = check_dotfiles(update.dotfiles, settings.allow_git_schemes)
    if update.definition:
        definition = replace(workspace.definition or Definition(), **update.definition)
        values["definition"] = definition if definition != Definition() else None
    check_together(values.get("definition", workspace.definition), values.get("devcontainer", workspace.devcontainer))
    values["retention"] = _new_retention(settings, workspace, update)
    return values


def _is_other_environment(before: Definition | None, values: Mapping[str, Any]) -> bool:
    """Whether the containers depend on what is changed of the definition."""
    old, new = before or Definition(), values.get("definition", before) or Definition()
    return any(getattr(old, name) != getattr(new, name) for name in ENVIRONMENT)


def _says_what_runs(before: Definition | None, values: Mapping[str, Any]) -> bool:
    """Whether the change is of what runs in the workspace, with its owner's secrets, or of which it gets (ADR 0031)."""
    if values.keys() & {"source", "devcontainer", "dotfiles"}:
        return True
    old, new = before or Definition(), values.get("definition", before) or Definition()
    return any(getattr(old, name) != getattr(new, name) for name in RUNS)


def _check_not_fetched(workspace: Workspace) -> None:
    """Files that are there are somebody's work: no change of the ref replaces them, and none pretends to."""
    if workspace.remembered.fetched:
        hint = "Run `git switch` in the workspace, or make a new workspace of that ref."
        raise Problem("wrong_state", "The repository's files are in the workspace already.", hint)
    if workspace.phase is Phase.CLONING and workspace.goal is Goal.RUN:
        hint = f"`carrel stop {workspace.name}` first; then change it and start."
        raise Problem("wrong_state", "The repository is being cloned just now.", hint)


def _new_retention(settings: Settings, workspace: Workspace, update: WorkspaceUpdate) -> AskedRetention:
    asked = {name: getattr(update, name) for name in ("ttl_seconds", "max_life_seconds", "on_idle", "on_deadline")}
    check_asked(of_workspace(defaults_of(settings), workspace), update.ttl_seconds, update.max_life_seconds)
    said = {name: value for name, value in asked.items() if value is not None or name in update.as_policy}
    return AskedRetention(**asdict(workspace.retention) | said)
