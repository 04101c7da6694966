"""A newer version of its template, taken by a workspace as it starts: where the version that it has says so (ADR 0037)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from carrel.core.access import Actor
from carrel.core.events import Event
from carrel.core.problems import Problem
from carrel.core.template import Update
from carrel.core.workspace import Goal, Workspace
from carrel.server.actions import quota
from carrel.server.actions.template_use import TemplateChange
from carrel.server.actions.workspaces import Changes, WorkspaceUpdate, changes_of, record_update
from carrel.server.settings import Settings
from carrel.server.store import events
from carrel.server.store.sessions import WriteSession


@dataclass(frozen=True)
class Newer:
    """What a start brings besides."""

    values: Mapping[str, Any] = field(default_factory=dict)
    """Columns that become others; none: it starts as it is."""


def takes_newer(workspace: Workspace) -> bool:
    """Whether its starts may change it: what counts for it is held before then."""
    return workspace.template is not None and workspace.template.update is Update.AT_START


async def newer_at_start(actor: Actor, session: WriteSession, settings: Settings, workspace: Workspace) -> Newer:
    """Work out and record what the newest version makes of a workspace that is held and about to start.

    A version that it cannot take (a new parameter without a default, a size over a limit) leaves it as it is, and an event
    says why. Its owner agreed by the version that he has: what a newer one says of updates counts from then on.

    Raises:
        Problem: `unavailable`.
    """
    standing = workspace.template
    if standing is None or not takes_newer(workspace) or standing.newest <= (workspace.template_version or 0):
        return Newer()
    try:
        changes = await changes_of(actor, session, settings, workspace, WorkspaceUpdate(template=TemplateChange()))
        await _check_quota(actor, session, settings, workspace, changes)
    except Problem as problem:
        if problem.kind == "unavailable":  # says nothing of the version
            raise
        data = {"template": standing.name, "version": standing.newest, "kind": problem.kind, "detail": problem.detail}
        await events.append(session, workspace.id, [Event("template_not_updated", data)])
        return Newer()
    if changes.values:
        await record_update(actor, session, workspace, changes)
    return Newer(changes.values)


async def _check_quota(
    actor: Actor, session: WriteSession, settings: Settings, workspace: Workspace, changes: Changes
) -> None:
    wanted = replace(workspace, **changes.values)
    if workspace.goal is Goal.RUN:
        await quota.check_resize(actor, session, settings, workspace, wanted)
    else:
        await quota.check_start(actor, session, settings, wanted)
