"""Changes of what a workspace is meant to be: start, stop, restart, rebuild, delete, undelete, archive, extend.

Accepted one after the other under the row's lock; each accepted change of intent grows the generation, clears the
failure and wakes the loop. Stop and delete are legal in every phase.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.durations import in_words
from carrel.core.events import Event
from carrel.core.names import check_name
from carrel.core.policy import of_workspace, retention
from carrel.core.problems import Problem
from carrel.core.workspace import Goal, Phase, Workspace
from carrel.server.actions import quota
from carrel.server.actions.policies import defaults_of
from carrel.server.actions.template_start import newer_at_start, takes_newer
from carrel.server.settings import Settings
from carrel.server.store import audit, events, openings, shares, workspaces
from carrel.server.store.sessions import WriteSession
from carrel.server.store.wakeups import ACCESS

LONGEST_EXTENSION = timedelta(days=30)


async def start(actor: Actor, session: WriteSession, settings: Settings, id_or_name: str) -> Workspace:
    """Ask for it to run; a running one is left alone, a failed one is started anew.

    Raises:
        Problem: `wrong_state` in the trash, and where it is archived.
    """
    workspace = await _locked(actor, session, id_or_name, Action.WORKSPACE_START, settings)
    _not_deleted(workspace)
    if workspace.goal is Goal.RUN and workspace.failure is None and workspace.phase is not Phase.FAILED:
        return workspace
    return await _run(actor, session, settings, workspace, "start")


async def restart(actor: Actor, session: WriteSession, settings: Settings, id_or_name: str) -> Workspace:
    """Ask for a fresh start, also of one that runs. Raises `wrong_state` in the trash."""
    workspace = await _locked(actor, session, id_or_name, Action.WORKSPACE_OPERATE, settings)
    _not_deleted(workspace)
    return await _run(actor, session, settings, workspace, "restart")


async def rebuild(
    actor: Actor, session: WriteSession, settings: Settings, id_or_name: str, *, no_cache: bool = False
) -> Workspace:
    """Read the configuration again, build what it asks for, and start with that. Raises `wrong_state` in the trash."""
    workspace = await _locked(actor, session, id_or_name, Action.WORKSPACE_OPERATE, settings)
    _not_deleted(workspace)
    workspace = replace(workspace, revision=workspace.revision + 1, no_cache=no_cache)
    return await _run(actor, session, settings, workspace, "rebuild without cache" if no_cache else "rebuild")


async def stop(actor: Actor, session: WriteSession, id_or_name: str) -> Workspace:
    """Ask for it to stop; files are kept. In the trash nothing runs, so nothing is changed there."""
    workspace = await _locked(actor, session, id_or_name, Action.WORKSPACE_OPERATE)
    if workspace.goal is Goal.DELETE or (workspace.goal is Goal.STOP and workspace.failure is None):
        return workspace
    reason = f"{actor.name} stopped it."
    return await _accept(actor, session, workspace, "stop", {"goal": Goal.STOP, "stop_reason": reason})


async def archive(actor: Actor, session: WriteSession, id_or_name: str) -> Workspace:
    """Put it aside: it stops, and is marked. Raises `wrong_state` in the trash."""
    workspace = await _locked(actor, session, id_or_name, Action.WORKSPACE_CHANGE)
    _not_deleted(workspace)
    if workspace.archived:
        return workspace
    values: dict[str, Any] = {"archived": True, "archived_at": session.now}
    if workspace.goal is Goal.RUN:
        values |= {"goal": Goal.STOP, "stop_reason": f"{actor.name} archived it."}
    return await _accept(actor, session, workspace, "archive", values)


async def unarchive(actor: Actor, session: WriteSession, id_or_name: str) -> Workspace:
    """Take the mark away; it stays stopped, and its time at rest begins anew."""
    workspace = await _locked(actor, session, id_or_name, Action.WORKSPACE_CHANGE)
    if not workspace.archived:
        return workspace
    values: dict[str, Any] = {"archived": False, "archived_at": None}
    if workspace.stopped_at is not None:
        values["stopped_at"] = session.now
    return await _accept(actor, session, workspace, "unarchive", values)


async def delete(
    actor: Actor, session: WriteSession, settings: Settings, id_or_name: str, *, purge: bool = False
) -> Workspace:
    """Ask for it to be deleted: volumes stay in the trash until a date; with `purge` nothing is left."""
    workspace = await _locked(actor, session, id_or_name, Action.WORKSPACE_DELETE)
    if workspace.goal is Goal.DELETE and (workspace.purge or not purge) and workspace.failure is None:
        return workspace
    values: dict[str, Any] = {"goal": Goal.DELETE, "purge": purge or workspace.purge}
    if workspace.goal is not Goal.DELETE:
        in_trash = of_workspace(defaults_of(settings), workspace).trash_days
        values["purge_after"] = None if purge else session.now + timedelta(days=in_trash)
        values["stop_reason"] = f"{actor.name} deleted it."
        # Out of the trash it comes back to its owner and to whom it was shared with, and is open to nobody else.
        await shares.remove_guest_links(session, workspace.id)
        await openings.remove_of_workspace(session, workspace.id)
        session.wake(ACCESS)
    return await _accept(actor, session, workspace, "purge" if purge else "delete", values)


async def undelete(
    actor: Actor, session: WriteSession, settings: Settings, id_or_name: str, *, name: str = ""
) -> Workspace:  # fmt: skip
    """Take it out of the trash; it is then stopped.

    Raises:
        Problem: `wrong_state` where it is not in the trash or its volumes are going; `name_taken`: give another name;
            `over_quota` where it is one workspace too many.
    """
    workspace = await _locked(actor, session, id_or_name, Action.WORKSPACE_DELETE, settings)
    if workspace.goal is not Goal.DELETE:
        raise Problem("wrong_state", "It is not in the trash.")
    if workspace.purge or (workspace.purge_after is not None and workspace.purge_after <= session.now):
        raise Problem("wrong_state", "Its volumes are being removed.", hint="It cannot be brought back.")
    await quota.check_create(actor, session, settings, quota.Place.of(workspace))
    values: dict[str, Any] = {"goal": Goal.STOP, "purge_after": None, "stop_reason": f"{actor.name} took it back."}
    values["name"] = check_name(name) if name else workspace.name
    values |= {"archived": False, "archived_at": None, "stopped_at": session.now}
    return await _accept(actor, session, workspace, "undelete", values, Event("undeleted", {"by": actor.name}))


async def extend(
    actor: Actor, session: WriteSession, settings: Settings, id_or_name: str, by: timedelta
) -> Workspace:  # fmt: skip
    """Move the end of this start's life, within the hard ceiling.

    Raises:
        Problem: `bad_value`; `not_running`; `wrong_state` where it has no end, or the ceiling is reached.
    """
    workspace = await _locked(actor, session, id_or_name, Action.WORKSPACE_OPERATE)
    if not timedelta(minutes=1) <= by <= LONGEST_EXTENSION:
        raise Problem("bad_value", "An extension is between a minute and 30 days.")
    if workspace.running_since is None or workspace.goal is not Goal.RUN:
        raise Problem("not_running")
    policy = of_workspace(defaults_of(settings), workspace)
    limits = retention(policy, workspace.retention)
    if not limits.max_life_seconds:
        raise Problem("wrong_state", "Its life has no end, so there is nothing to extend.")
    ends = workspace.deadline or workspace.running_since + timedelta(seconds=limits.max_life_seconds)
    deadline = ends + by
    if limits.hard_life_seconds:
        deadline = min(deadline, workspace.running_since + timedelta(seconds=limits.hard_life_seconds))
    if deadline <= ends:
        whose = policy.origin("hard_life_seconds").value
        detail = f"It ends at {ends:%Y-%m-%d %H:%M} UTC, {in_words(limits.hard_life_seconds)} after its start."
        raise Problem("wrong_state", f"{detail} That is the {whose}'s ceiling.", "Start it again after that.")
    event = Event("extended", {"until": deadline.isoformat(), "signal": f"{actor.name} asked for it."})
    return await _accept(actor, session, workspace, "extend", {"deadline": deadline}, event)


# --- shared ----------------------------------------------------------------------------------------------------------


async def _locked(
    actor: Actor, session: WriteSession, id_or_name: str, action: Action, starting: Settings | None = None
) -> Workspace:
    """The workspace, held; with `starting` what counts for it is held before it, so that it may begin to run."""
    found = await workspaces.get(session, actor, id_or_name)
    if starting is not None and (found.goal is not Goal.RUN or takes_newer(found)):
        await quota.hold(session, starting, quota.Place.of(found))
    workspace = await workspaces.lock_id(session, found.id)
    demand(actor, action, Resource.of(workspace))
    return workspace


def _not_archived(workspace: Workspace) -> None:
    if workspace.archived:
        hint = f"Run `carrel unarchive {workspace.name}` first."
        raise Problem("wrong_state", f"{workspace.name} is archived.", hint=hint)


def _not_deleted(workspace: Workspace) -> None:
    if workspace.goal is Goal.DELETE:
        hint = "It is being purged." if workspace.purge else f"Run `carrel undelete {workspace.name}` first."
        raise Problem("wrong_state", f"{workspace.name} is in the trash.", hint=hint)


async def _run(actor: Actor, session: WriteSession, settings: Settings, workspace: Workspace, what: str) -> Workspace:
    """Accept a wish that ends in a new start. Raises `wrong_state` where it is archived."""
    _not_archived(workspace)
    newer = (await newer_at_start(actor, session, settings, workspace)).values
    no_cache = workspace.no_cache if what.startswith("rebuild") or "revision" not in newer else False
    workspace = replace(workspace, **newer)
    if workspace.goal is not Goal.RUN:
        await quota.check_start(actor, session, settings, workspace)
    values = {
        **newer,
        "goal": Goal.RUN,
        "start": workspace.start + 1,
        "revision": workspace.revision,
        "no_cache": no_cache,
        "archived": False,
        "archived_at": None,
        "stopped_at": None,
        "stop_reason": "",
        "running_since": None,
        "deadline": None,
        "stops_at": None,
    }
    return await _accept(actor, session, workspace, what, values)


async def _accept(
    actor: Actor,
    session: WriteSession,
    workspace: Workspace,
    what: str,
    values: dict[str, Any],
    event: Event | None = None,
) -> Workspace:
    """Write an accepted change of intent, with its audit and its event."""
    values = {**values, "generation": workspace.generation + 1, "failure": None}
    if "goal" in values:
        values["goal_at"] = session.now
    await workspaces.change(session, workspace.id, values)
    detail = {"purge": True} if values.get("purge") else {}
    await audit.append(session, actor, f"workspace.{what.split(maxsplit=1)[0]}", f"workspace:{workspace.id}", detail)
    goal = values.get("goal", workspace.goal)
    changed = Event("goal_changed", {"goal": goal, "by": actor.name, "reason": what})
    await events.append(session, workspace.id, [event or changed])
    return await workspaces.lock_id(session, workspace.id)
