"""What a definition's members mean together, and where a workspace belongs whose definition does not say it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from carrel.core.access import Actor
from carrel.core.definition import Definition
from carrel.core.problems import Problem
from carrel.server.settings import Settings
from carrel.server.store import users
from carrel.server.store.sessions import ReadSession

if TYPE_CHECKING:
    from carrel.server.actions.workspaces import NewWorkspace


async def place_of(actor: Actor, session: ReadSession, settings: Settings, new: NewWorkspace) -> NewWorkspace:
    """`new` with its project and domain: as it says, else as the actor prefers, else as the settings say."""
    if new.project and new.domain:
        return new
    preferred = await users.preferences(session, actor.user_id)
    project = new.project or preferred.project or settings.default_project
    return replace(new, project=project, domain=new.domain or preferred.domain or settings.default_domain)


def check_together(definition: Definition | None, devcontainer: str) -> None:
    """Raise `bad_value` for members that exclude each other."""
    if definition is None:
        return
    if devcontainer and (definition.image or definition.image_spec):
        hint = "Choose one: the image, or the repository's devcontainer.json."
        raise Problem("bad_value", "Both an image and a devcontainer.json are named.", hint)
