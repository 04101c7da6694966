"""What a person wants in every workspace of his."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from carrel.core.preferences import Dotfiles, Preferences
from carrel.server.actions import preferences as actions
from carrel.server.actions.signing_keys import make_signing_key
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.workspace_documents import ANSWER, REQUEST
from carrel.server.api.workspace_requests import DotfilesInput

router = APIRouter(tags=["preferences"])


class PreferencesDocument(BaseModel):
    """Your preferences."""

    model_config = {**ANSWER, "title": "Preferences"}

    dotfiles: Dotfiles
    start_on_connect: bool
    project: str
    """Of new workspaces that name none; empty: as the settings say."""
    domain: str
    sign_commits: bool
    """Commits and tags that are made in workspaces are signed (`GET /signing-key`)."""


class PreferencesPut(BaseModel):
    """Preferences to store in the place of the earlier ones."""

    model_config = {**REQUEST, "title": "PreferencesInput"}

    dotfiles: DotfilesInput = DotfilesInput()
    start_on_connect: bool = False
    """SSH to a stopped workspace starts it first, where it comes from a terminal; `carrel ssh-proxy` asks for it."""
    project: str = ""
    """Of new workspaces that name none; empty: as the settings say."""
    domain: str = ""
    """development, staging or production; empty: as the settings say."""
    sign_commits: bool = False
    """Commits and tags that are made in workspaces are signed; a key is made where there is none."""


@router.get("/preferences")
async def get_preferences(parts: WithParts, actor: Asking) -> PreferencesDocument:
    """Your preferences."""
    async with parts.store.reading() as session:
        found = await actions.get_preferences(actor, session)
    return _document(found)


@router.put("/preferences")
async def put_preferences(parts: WithParts, actor: Asking, body: PreferencesPut) -> PreferencesDocument:
    """Store your preferences; workspaces follow them from their next start on."""
    wanted = Preferences(
        body.dotfiles.dotfiles(), body.start_on_connect, body.project, body.domain, sign_commits=body.sign_commits
    )
    async with parts.store.writing() as session:
        stored = await actions.set_preferences(actor, session, parts.settings, wanted)
        if stored.sign_commits:
            await make_signing_key(actor, session, parts.store.keys)
    return _document(stored)


def _document(found: Preferences) -> PreferencesDocument:
    return PreferencesDocument(
        dotfiles=found.dotfiles,
        start_on_connect=found.start_on_connect,
        project=found.project,
        domain=found.domain,
        sign_commits=found.sign_commits,
    )
