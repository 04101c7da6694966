"""What a person wants in every workspace of his."""

from __future__ import annotations

from dataclasses import replace

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.names import check_name
from carrel.core.preferences import Dotfiles, Preferences, check_dotfiles
from carrel.core.problems import Problem
from carrel.core.project import DOMAINS
from carrel.core.records import dump
from carrel.core.workspace import Workspace
from carrel.server.settings import Settings
from carrel.server.store import audit, users
from carrel.server.store.sessions import ReadSession, WriteSession


async def get_preferences(actor: Actor, session: ReadSession) -> Preferences:
    """The actor's own."""
    return await users.preferences(session, actor.user_id)


async def set_preferences(actor: Actor, session: WriteSession, settings: Settings, wanted: Preferences) -> Preferences:
    """Store the actor's own, in normal form. Raises `bad_source`, `bad_value`, `bad_name`."""
    demand(actor, Action.WORKSPACE_CREATE, Resource(actor.user_id))
    wanted = replace(wanted, dotfiles=check_dotfiles(wanted.dotfiles, settings.allow_git_schemes))
    wanted = replace(wanted, project=check_name(wanted.project, what="project") if wanted.project else "")
    if wanted.domain and wanted.domain not in DOMAINS:
        raise Problem("bad_value", f"There is no domain {wanted.domain[:40]!r}.", f"One of {', '.join(DOMAINS)}.")
    await users.set_preferences(session, actor.user_id, wanted)
    await audit.append(session, actor, "user.preferences", f"user:{actor.user_id}", dump(wanted))
    return wanted


async def dotfiles_of(session: ReadSession, workspace: Workspace) -> Dotfiles:
    """The dotfiles of a workspace: its own choice, else its owner's preference."""
    if workspace.dotfiles is not None:
        return workspace.dotfiles
    return (await users.preferences(session, workspace.owner_id)).dotfiles
