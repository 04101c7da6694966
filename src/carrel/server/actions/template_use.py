"""Workspaces of templates: what is made of a request, and of a change to another version or other values (ADR 0037)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from carrel.core.access import Actor
from carrel.core.definition import Definition, TemplateUse
from carrel.core.problems import Problem
from carrel.core.project import ProjectPolicy
from carrel.core.spec import GitSource, Limits
from carrel.core.template import Size, Template, Value
from carrel.core.workspace import Phase, Workspace
from carrel.server.actions import quota as quotas
from carrel.server.actions.templates import find_template, find_version, folder_of
from carrel.server.actions.workspace_checks import check_allow, checked_source, with_defaults
from carrel.server.settings import Settings
from carrel.server.store import templates
from carrel.server.store.sessions import ReadSession
from carrel.server.store.templates import CatalogTemplate
from carrel.templates.folder import TemplateFolder
from carrel.templates.joining import Shape, bounded, check_said, joined, own_of, shape_of
from carrel.templates.parameters import changed, values_of
from carrel.templates.use import fill

if TYPE_CHECKING:
    from carrel.server.actions.workspaces import NewWorkspace, WorkspaceUpdate


@dataclass(frozen=True)
class TemplateChange:
    """Another version of a workspace's template, other values of its parameters, another size."""

    name: str = ""
    """Empty, or the one that it has."""
    version: str = ""
    """Empty: the newest."""
    parameters: Mapping[str, str | float | bool] = field(default_factory=dict)
    """Only those that are to be others."""
    size: str | None = None
    """None: as it is; empty: none is chosen."""


@dataclass(frozen=True)
class Making:
    """A version of a template with values, and what it says of one workspace."""

    template_id: str
    number: int
    folder: TemplateFolder
    use: TemplateUse
    """As the workspace keeps it."""
    shape: Shape
    policy: ProjectPolicy | None

    @property
    def template(self) -> Template:
        """What the version says."""
        return self.folder.template

    @property
    def ceiling(self) -> Size | None:
        """The most that a workspace of it may have."""
        return self.template.ceiling

    def joined(self, own: Shape) -> Shape:
        """With what is the person's own. Raises `over_quota`."""
        together = joined(self.shape, own, self.ceiling)
        return replace(together, definition=replace(together.definition, template=self.use))

    def sized(self, settings: Settings, limits: Limits) -> Limits:
        """The limits with the settings' defaults where nothing is said, which are never over the ceiling."""
        return with_defaults(settings, bounded(limits, with_defaults(settings, Limits()), self.ceiling))


async def _make(
    session: ReadSession, template_id: str, number: int, values: Mapping[str, object] | None, size: str
) -> Making:
    """The making of a stored version; `values` None: they are checked later."""
    folder = await folder_of(session, template_id, number)
    return await _made(session, template_id, number, folder, values_of(folder.template, values or {}), size)


async def _made(
    session: ReadSession,
    template_id: str,
    number: int,
    folder: TemplateFolder,
    values: Mapping[str, Value],
    size: str,
) -> Making:
    template = folder.template
    version = await templates.version(session, template_id, number)
    use = TemplateUse(template.name, str(number), dict(values), size)
    shape = shape_of(fill(folder, values, size), template.grants)
    return Making(template_id, number, folder, use, shape, version.policy if version else None)


# --- a new workspace -------------------------------------------------------------------------------------------------


async def of_template(actor: Actor, session: ReadSession, new: NewWorkspace) -> tuple[NewWorkspace, Making | None]:
    """`new` with what its template makes of it; None where it names none. Its project is settled.

    Raises:
        Problem: `not_found` (template, version), `wrong_state` (it was withdrawn), `bad_value`, `over_quota`.
    """
    asked = new.definition.template if new.definition is not None else None
    if asked is None or new.definition is None:
        return new, None
    entry = await find_template(actor, session, new.project, asked.name)
    if entry.withdrawn_at is not None:
        detail = f"The template {entry.name} was withdrawn: no workspace is made from it any more."
        raise Problem("wrong_state", detail, "`carrel template list` shows those there are.")
    version = await find_version(session, entry, asked.version)
    _check_one_size(asked.size, new.limits)
    making = await _make(session, entry.id, version.number, asked.parameters, asked.size)
    await _check_old_grants(actor, session, entry, making)
    said = Shape(
        source=new.source,
        devcontainer=new.devcontainer,
        limits=new.limits,
        ttl_seconds=new.ttl_seconds,
        allow=new.allow,
        labels=new.labels,
        definition=replace(new.definition, template=None),
    )
    check_said(entry.name, making.shape, said)
    _check_variables(entry.name, making.shape, new)
    made = making.joined(said)
    members = ("source", "devcontainer", "limits", "ttl_seconds", "allow", "labels", "definition")
    return replace(new, **{name: getattr(made, name) for name in members}), making


def _check_one_size(size: str, limits: Limits | None) -> None:
    if size and limits is not None and (limits.cpus is not None or limits.memory_bytes is not None or limits.gpus):
        raise Problem("bad_value", f"Both the size {size!r} and `limits` are given.", "Choose one of them.")


async def _check_old_grants(actor: Actor, session: ReadSession, entry: CatalogTemplate, making: Making) -> None:
    """Raise `not_allowed` for a version that grants what the newest one does not: what was taken back stays so."""
    if making.number != entry.newest:
        newest = (await folder_of(session, entry.id, entry.newest)).template
        check_allow(actor, tuple(one for one in making.template.grants if one not in newest.grants))


def _check_variables(template: str, of: Shape, new: NewWorkspace) -> None:
    """Raise `bad_value` for first values of variables that are the template's."""
    taken = set(of.definition.env) | {one.env_var for one in of.definition.secrets}
    clash = sorted(taken & set(new.secrets))
    if clash:
        detail = f"The template {template} decides: {', '.join(f'secrets.{name}' for name in clash)}."
        raise Problem("bad_value", detail, "Leave it out, or make the workspace without the template.")


# --- a change --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """A change of a workspace of a template, worked out."""

    base: Workspace
    """The workspace with what the template alone changes: bounds and idle TTL."""
    update: WorkspaceUpdate
    """What is to be changed, the template's part in it."""
    values: Mapping[str, Any]
    """Columns that no update says."""
    ceiling: Size | None
    other_files: bool = False
    """The files beside the template.yaml are others."""


async def worked_out(
    actor: Actor, session: ReadSession, settings: Settings, workspace: Workspace, update: WorkspaceUpdate
) -> Change | None:
    """What an update means for a workspace of a template; None where the template has no say in it.

    Raises:
        Problem: `bad_value`, `over_quota`, `not_allowed` (grants), `not_found` (the version), `wrong_state` (the template
            is gone).
    """
    change = update.template
    if workspace.template is None or workspace.template_id is None or workspace.template_version is None:
        if change is not None:
            raise _no_template(workspace)
        return None
    said_of_limits = (update.limits, update.devcontainer, update.ref, update.allow, update.labels)
    if change is None and not update.definition and all(one is None for one in said_of_limits):
        return None
    use = _use_of(workspace)
    before = await _make(session, workspace.template_id, workspace.template_version, use.parameters, use.size)
    after = await _changed(actor, session, workspace, before, change) if change is not None else before
    if change is not None:
        _check_one_size(change.size or "", update.limits)
    said = _said(workspace, before.shape, update)
    check_said(after.template.name, after.shape, said)
    check_allow(actor, said.allow)
    standard = before.sized(settings, quotas.with_accelerator(before.shape.limits, before.shape.definition.accelerator))
    own = own_of(_shape(workspace), before.shape, standard)
    if change is not None and change.size is not None and change.size != use.size:
        own = replace(own, limits=replace(own.limits, cpus=None, memory_bytes=None, gpus=0))
    made = after.joined(_over(own, said, update))
    found = _as_change(settings, workspace, update, (before, after), made)
    if "source" in found.values:
        found = replace(found, values={**found.values, "source": checked_source(actor, settings, made.source)})
    return found


def _no_template(workspace: Workspace) -> Problem:
    if workspace.template_id is None:
        return Problem("bad_value", f"{workspace.name} was not made from a template.", "Make a new one from it.")
    hint = "It goes on as it is; make a new workspace of another template."
    return Problem("wrong_state", f"The template that {workspace.name} was made from is gone.", hint)


def _use_of(workspace: Workspace) -> TemplateUse:
    used = workspace.definition.template if workspace.definition is not None else None
    return used or TemplateUse(workspace.template.name if workspace.template else "")


async def _changed(
    actor: Actor, session: ReadSession, workspace: Workspace, before: Making, change: TemplateChange
) -> Making:
    """The version that it changes to, with the values that it then has."""
    assert workspace.template is not None  # noqa: S101  asked before
    name = change.name.casefold()
    if name and name != workspace.template.name:
        hint = "Make a new workspace of the other template."
        raise Problem("bad_value", f"{workspace.name} was made from {workspace.template.name}, and stays so.", hint)
    entry = await templates.find_id(session, before.template_id)
    if entry is None:
        raise _no_template(workspace)
    version = await find_version(session, entry, change.version)
    size = before.use.size if change.size is None else change.size
    folder = before.folder
    if version.number != before.number:
        folder = await folder_of(session, entry.id, version.number)
        if change.size is None and size not in folder.template.sizes:
            size = ""
    values = changed(folder.template, before.use.parameters, change.parameters)
    after = await _made(session, entry.id, version.number, folder, values, size)
    if after.number != before.number:
        await _check_old_grants(actor, session, entry, after)
    return after


def _shape(workspace: Workspace) -> Shape:
    return Shape(
        source=workspace.source,
        devcontainer=workspace.devcontainer,
        limits=workspace.limits,
        ttl_seconds=workspace.retention.ttl_seconds,
        allow=workspace.allow,
        labels=workspace.labels,
        definition=workspace.definition or Definition(),
    )


def _said(workspace: Workspace, of: Shape, update: WorkspaceUpdate) -> Shape:
    """What the update says, as a shape; nothing where it says nothing."""
    definition = replace(Definition(), **{name: v for name, v in update.definition.items() if name != "template"})
    source = Shape().source
    if update.ref is not None and isinstance(workspace.source, GitSource):
        source = replace(workspace.source, ref=update.ref)
        if update.ref == workspace.source.ref:
            source = of.source  # as it is
    return Shape(
        source=source,
        devcontainer=update.devcontainer or "",
        limits=update.limits or Limits(),
        allow=tuple(grant for grant in update.allow or () if grant not in of.allow),
        labels=update.labels or {},
        definition=definition,
    )


def _over(own: Shape, said: Shape, update: WorkspaceUpdate) -> Shape:
    """What is the person's own after the update: what it says takes the place of what he said before."""
    new = {name: getattr(said.definition, name) for name in update.definition if name != "template"}
    return replace(
        own,
        devcontainer=own.devcontainer if update.devcontainer is None else said.devcontainer,
        limits=own.limits if update.limits is None else said.limits,
        allow=own.allow if update.allow is None else said.allow,
        labels=own.labels if update.labels is None else said.labels,
        definition=replace(own.definition, **new),
    )


def _as_change(
    settings: Settings, workspace: Workspace, update: WorkspaceUpdate, makings: tuple[Making, Making], made: Shape
) -> Change:
    before, after = makings
    is_other = update.template is not None
    now = workspace.definition or Definition()
    definition = {
        one.name: getattr(made.definition, one.name)
        for one in fields(Definition)
        if getattr(made.definition, one.name) != getattr(now, one.name)
    }
    values: dict[str, Any] = {"template_version": after.number}
    if is_other or update.allow is not None:
        values["allow"] = made.allow
    if is_other and after.shape.source != before.shape.source and _may_have_another_source(workspace):
        values["source"] = made.source
    limits = None
    if is_other or update.limits is not None:
        limits = after.sized(settings, quotas.with_accelerator(made.limits, made.definition.accelerator))
    new = replace(
        update,
        limits=limits if limits != workspace.limits else None,
        devcontainer=made.devcontainer if made.devcontainer != workspace.devcontainer else None,
        labels=made.labels if is_other or update.labels is not None else None,
        allow=None,
        ref=None if isinstance(before.shape.source, GitSource) else update.ref,
        definition=definition,
        template=None,
    )
    base = workspace
    if is_other and workspace.template is not None:
        standing = replace(workspace.template, policy=after.policy)
        retention = replace(workspace.retention, ttl_seconds=made.ttl_seconds)
        base = replace(workspace, template=standing, retention=retention)
    return Change(base, new, values, after.ceiling, before.folder.files != after.folder.files)


def _may_have_another_source(workspace: Workspace) -> bool:
    """Files that are there are somebody's work, and stay, whatever a newer version says."""
    return not workspace.remembered.fetched and workspace.phase is not Phase.CLONING
