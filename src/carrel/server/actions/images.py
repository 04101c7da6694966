"""Who may have images made, and for which project: asked before anything is built."""

from __future__ import annotations

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.definition import Definition
from carrel.core.workspace import Workspace
from carrel.server.actions.definitions import place_of
from carrel.server.actions.projects import usable
from carrel.server.actions.workspaces import NewWorkspace
from carrel.server.settings import Settings
from carrel.server.store import audit
from carrel.server.store.sessions import WriteSession


async def ask_for_image(actor: Actor, session: WriteSession, settings: Settings, asked: NewWorkspace) -> Workspace:
    """The workspace, stored nowhere, whose image is to be made.

    Args:
        actor: who may create workspaces there.
        session: of the audit's row.
        settings: all of them.
        asked: its definition, and perhaps project and domain.

    Raises:
        Problem: `not_allowed`; `not_found` for a project that is not the actor's; `bad_value`, `bad_name`.
    """
    demand(actor, Action.WORKSPACE_CREATE, Resource(actor.user_id))
    place = await place_of(actor, session, settings, asked)
    project = await usable(actor, session, settings, place.project, place.domain)
    definition = asked.definition or Definition()
    spec = definition.image_spec
    detail = {"image": spec.name if spec else definition.image, "registry": spec.registry if spec else ""}
    await audit.append(session, actor, "image.asked_for", f"project:{project}", detail)
    return Workspace(
        id="",
        owner_id=actor.user_id,
        owner=actor.name,
        name="image",
        project=project,
        domain=place.domain,
        definition=definition,
    )
