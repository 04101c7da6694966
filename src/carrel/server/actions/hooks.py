"""Running a stage of hooks again: who may, and that it is written down."""

from __future__ import annotations

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.agent import RERUNNABLE
from carrel.core.events import Event
from carrel.core.problems import Problem
from carrel.core.workspace import Workspace
from carrel.server.store import audit, events, workspaces
from carrel.server.store.sessions import WriteSession


def check_run(actor: Actor, workspace: Workspace, stage: str) -> str:
    """The stage as the agent names it, where the actor may run it. Raises `not_allowed`, `bad_value`."""
    demand(actor, Action.WORKSPACE_USE, Resource.of(workspace))
    name = stage.removesuffix("Command")
    if name not in RERUNNABLE:
        raise Problem("bad_value", f"{stage[:40]!r} is no stage.", f"The stages are {', '.join(RERUNNABLE)}.")
    return name


async def note_run(actor: Actor, session: WriteSession, workspace: Workspace, stage: str) -> None:
    """Write down that a stage was asked for, and have the loop look at it at once."""
    await workspaces.change(session, workspace.id, {})
    await audit.append(session, actor, "workspace.hooks_asked", f"workspace:{workspace.id}", {"stage": stage})
    await events.append(session, workspace.id, [Event("hooks_asked", {"stage": stage, "by": actor.name})])
