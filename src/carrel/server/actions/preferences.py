"""What a person wants in every workspace of his."""

from __future__ import annotations

from dataclasses import replace

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.preferences import Dotfiles, Preferences, check_dotfiles
from carrel.core.records import dump
from carrel.core.workspace import Workspace
from carrel.server.settings import Settings
from carrel.server.store import audit, users
from carrel.server.store.sessions import ReadSession, WriteSession


async def get_preferences(actor: Actor, session: ReadSession) -> Preferences:
    """The actor's own."""
    return await users.preferences(session, actor.user_id)


async def set_preferences(actor: Actor, session: WriteSession, settings: Settings, wanted: Preferences) -> Preferences:
    """Store the actor's own, in normal form. Raises `bad_source`, `bad_value`."""
    demand(actor, Action.WORKSPACE_CREATE, Resource(actor.user_id))
    wanted = replace(wanted, dotfiles=check_dotfiles(wanted.dotfiles, settings.allow_git_schemes))
    await users.set_preferences(session, actor.user_id, wanted)
    await audit.append(session, actor, "user.preferences", f"user:{actor.user_id}", dump(wanted))
    return wanted


async def dotfiles_of(session: ReadSession, workspace: Workspace) -> Dotfiles:
    """The dotfiles of a workspace: its own choice, else its owner's preference."""
    if workspace.dotfiles is not None:
        return workspace.dotfiles
    return (await users.preferences(session, workspace.owner_id)).dotfiles
