"""Opening ports and apps of a workspace to more people than those who may use it: the project, or anybody for a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from carrel.core.access import VISIBILITIES, Action, Actor, Resource, Visibility, allows, demand, may_be_opened, port_of
from carrel.core.events import Event
from carrel.core.problems import Problem
from carrel.core.workspace import Goal, Workspace
from carrel.server.settings import Settings
from carrel.server.store import audit, events, openings, workspaces
from carrel.server.store.openings import Opening
from carrel.server.store.sessions import WriteSession

DEFAULT_PUBLIC = timedelta(hours=8)
SHORTEST = timedelta(minutes=1)


def narrowest(*visibilities: Visibility) -> Visibility:
    """Of several the one that lets the fewest in."""
    return min(visibilities, key=VISIBILITIES.index)


def ceiling_of(settings: Settings, workspace: Workspace, app: str) -> Visibility:
    """How far this port or app can be opened: by the setting, and by what its configuration says of an app."""
    if not may_be_opened(app):
        return Visibility.PRIVATE
    ceiling = Visibility(settings.port_visibility_ceiling)
    if port_of(app) is not None:
        return ceiling
    listed = next((one for one in workspace.apps if one.name == app), None)
    return narrowest(ceiling, Visibility(listed.share)) if listed is not None else Visibility.PRIVATE


def visibility_of(
    settings: Settings, workspace: Workspace, app: str, opened: Mapping[tuple[str, str], Opening]
) -> Visibility:
    """How far a port or an app is open now; `opened` is what the store has of it."""
    opening = opened.get((workspace.id, app))
    if opening is None or workspace.goal is Goal.DELETE:
        return Visibility.PRIVATE
    return narrowest(opening.visibility, ceiling_of(settings, workspace, app))


@dataclass(frozen=True)
class Wish:
    """How far a port or an app is to be opened."""

    app: str
    """A port's number, or an app's name."""
    visibility: Visibility
    life: timedelta | None = None
    """None: as the settings say where it is public, else until somebody closes it."""


async def open_to(
    actor: Actor, session: WriteSession, settings: Settings, id_or_name: str, wish: Wish
) -> tuple[Workspace, Opening | None]:
    """Open a port or an app, or close it (private); what is open now, None: nothing.

    Closing is also for those who look after the project.

    Raises:
        Problem: `not_found`, `not_allowed` (also what is over the ceiling), `bad_value`.
    """
    app, visibility = wish.app, wish.visibility
    workspace = await workspaces.lock(session, actor, id_or_name)
    resource = Resource.of(workspace)
    is_closing = visibility is Visibility.PRIVATE
    if not (is_closing and allows(actor, Action.WORKSPACE_CHANGE, resource)):
        demand(actor, Action.WORKSPACE_SHARE, resource)
    _check_app(app)
    if visibility is not Visibility.PRIVATE:
        _check_ceiling(settings, workspace, app, visibility)
    life = _life(settings, visibility, wish.life)
    before = (await openings.of_workspaces(session, [workspace.id])).get((workspace.id, app))
    expires_at = session.now + life if life else None
    wanted = Opening(workspace.id, app, visibility, actor.user_id, session.now, expires_at)
    await openings.put(session, wanted)
    if visibility is not Visibility.PRIVATE or before is not None:
        until = expires_at.isoformat() if expires_at else None
        data = {"port": app, "visibility": visibility.value, "until": until}
        await audit.append(session, actor, "port.opened", f"workspace:{workspace.id}", data)
        await events.append(session, workspace.id, [Event("port_opened", data | {"by": actor.name})])
    return workspace, None if is_closing else wanted


def _check_app(app: str) -> None:
    if app.lstrip("+-").isdigit() and port_of(app) is None:
        raise Problem("bad_value", f"{app[:20]} is no port.", "Ports are numbers from 1 to 65535.")
    if port_of(app) is not None and app != str(port_of(app)):
        raise Problem("bad_value", f"{app[:20]} is no port.", "Write the number without leading zeros.")
    if not may_be_opened(app):
        raise Problem(
            "not_allowed",
            f"{app} is the full power of the workspace's user; it is opened to nobody who may not use the workspace.",
            "To let somebody in, share the workspace: `carrel share NAME USER --edit`.",
        )


def _check_ceiling(settings: Settings, workspace: Workspace, app: str, visibility: Visibility) -> None:
    ceiling = ceiling_of(settings, workspace, app)
    if VISIBILITIES.index(visibility) <= VISIBILITIES.index(ceiling):
        return
    if port_of(app) is None and all(one.name != app for one in workspace.apps):
        raise Problem("no_such_app", f"{workspace.name} has no app {app[:40]!r}.")
    if VISIBILITIES.index(visibility) > VISIBILITIES.index(Visibility(settings.port_visibility_ceiling)):
        hint = "It is the setting `port_visibility_ceiling`; ask an administrator."
        raise Problem("not_allowed", f"This server opens no port wider than {ceiling.value}.", hint)
    hint = "An app's `share` in the configuration is the widest circle that it may be opened to."
    raise Problem("not_allowed", f"The app {app} may be opened no wider than {ceiling.value}.", hint)


def _life(settings: Settings, visibility: Visibility, life: timedelta | None) -> timedelta | None:
    """How long it stays open; None: until somebody closes it."""
    if visibility is Visibility.PRIVATE:
        return None
    if life is not None and life < SHORTEST:
        raise Problem("bad_value", "At least a minute.", "Give `expires_in_seconds` of 60 or more.")
    most = timedelta(hours=settings.public_port_max_hours)
    if visibility is not Visibility.PUBLIC or not most:
        return life
    if life is not None and life > most:
        hint = "It is the setting `public_port_max_hours`; ask an administrator."
        raise Problem("not_allowed", f"A port is public for at most {settings.public_port_max_hours} hours.", hint)
    return life or min(DEFAULT_PUBLIC, most)
