"""Git repositories that the catalog is synchronised with: who adds them, has them read, takes them out (ADR 0038)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from carrel.core.access import Actor, Role
from carrel.core.problems import Problem
from carrel.core.sources import git_source
from carrel.server.actions.templates import managed_place, may_manage, may_read, reaches_all, withdraw
from carrel.server.settings import Settings
from carrel.server.store import audit, templates, users
from carrel.server.store import template_repositories as rows
from carrel.server.store.engine import Store
from carrel.server.store.projects import memberships
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.template_repositories import Place, Report, Result, TemplateRepository
from carrel.server.store.wakeups import TEMPLATES

MOST = 20
"""Of one project."""
LONGEST_FOLDER = 300
SYNC_SECONDS = 120.0
"""How long somebody waits who asks for a reading."""
CHANGES = frozenset({"new", "updated", "withdrawn"})
"""States of a report that are a row of the audit."""


async def list_repositories(actor: Actor, session: ReadSession) -> list[TemplateRepository]:
    """Those whose templates the actor sees."""
    return [one for one in await rows.all_repositories(session) if may_read(actor, one.project)]


async def add_repository(actor: Actor, session: WriteSession, settings: Settings, wanted: Place) -> TemplateRepository:
    """Have the templates of a repository in the catalog, from now on; it is read with the actor's git credentials.

    Raises:
        Problem: `not_found`, `not_allowed`, `bad_source`, `bad_value`, `name_taken`.
    """
    project = await managed_place(actor, session, wanted.project)
    source = git_source(wanted.url, wanted.ref, settings.allow_git_schemes)
    place = Place(project, source.url, source.ref, checked_folder(wanted.folder))
    if await rows.at(session, place) is not None:
        raise Problem(
            "name_taken", f"{place.url} is synchronised already.", "Have it read now, or name another folder."
        )
    if await rows.count(session, project) >= MOST:
        raise Problem("bad_value", f"There are {MOST} repositories already.", "Remove one that nobody needs.")
    made = await rows.insert_repository(session, place, actor.user_id, may_grant=reaches_all(actor))
    detail = {"url": place.url, "ref": place.ref, "folder": place.folder, "project": project}
    await audit.append(session, actor, "template_repository.added", f"template_repository:{made}", detail)
    found = await rows.get(session, made)
    assert found is not None  # noqa: S101  it was just put there
    return found


def checked_folder(folder: str) -> str:
    """A folder of a repository as it is kept; empty: all of it. Raises `bad_value`."""
    text = folder.strip().strip("/").removeprefix("./")
    parts = text.split("/") if text not in {"", "."} else []
    if len(text) > LONGEST_FOLDER or not text.isprintable() or {"", ".", "..", ".git"} & set(parts):
        raise Problem("bad_value", f"{folder[:80]!r} is no folder of a repository.", "Write it as `templates/python`.")
    return "/".join(parts)


async def remove_repository(actor: Actor, session: WriteSession, repository_id: str) -> None:
    """Synchronise it no longer: its templates are withdrawn, and workspaces of them go on.

    Raises:
        Problem: `not_found`, `not_allowed`.
    """
    found = await _managed(actor, session, repository_id)
    for template in await templates.of_repository(session, found.id):
        await withdraw(actor, session, template)
    await rows.remove(session, found.id)
    detail = {"url": found.url, "project": found.project}
    await audit.append(session, actor, "template_repository.removed", f"template_repository:{found.id}", detail)


async def ask_sync(
    actor: Actor, store: Store, stopping: asyncio.Event, repository_id: str, seconds: float = SYNC_SECONDS
) -> TemplateRepository:
    """Have a repository read now, by whichever server does, and wait until it was.

    Raises:
        Problem: `not_found`, `not_allowed`; `no_progress` where it takes too long, `unavailable` where this server stops
            meanwhile: it goes on then.
    """
    async with store.wakeups.listen(TEMPLATES) as bell:
        async with store.writing() as session:
            asked = await _managed(actor, session, repository_id)
            before = await rows.wake(session, asked.id)
            ends_at = session.now + timedelta(seconds=seconds)
        while True:
            async with store.reading() as session:
                found, now = await _seen(actor, session, repository_id), session.now
            if found.synced_at != before:
                return found
            if stopping.is_set():
                raise Problem("unavailable", "The server stops; another one, or the next, reads the repository.")
            left = (ends_at - now).total_seconds()
            if left <= 0 or not await bell.wait(left):
                raise Problem(
                    "no_progress", f"{found.url} was not read within {seconds:g} s.", "It goes on; look again."
                )


async def _seen(actor: Actor, session: ReadSession, repository_id: str) -> TemplateRepository:
    found = await rows.get(session, repository_id)
    if found is None or not may_read(actor, found.project):
        raise Problem("not_found", "There is no such repository of templates.", "`carrel template repository list`.")
    return found


async def _managed(actor: Actor, session: WriteSession, repository_id: str) -> TemplateRepository:
    found = await _seen(actor, session, repository_id)
    await managed_place(actor, session, found.project)
    return found


# --- what a reading does ---------------------------------------------------------------------------------------------


async def registrant(session: ReadSession, repository: TemplateRepository) -> Actor:
    """Who added it, as what he is now: it is read with his credentials, and published in his name.

    Raises:
        Problem: `not_allowed`: his account is closed, or he does not look after these templates any more.
    """
    user = await users.get(session, repository.user_id)
    hint = "Somebody who looks after these templates removes the repository and adds it again."
    if user is None or user.disabled_at is not None:
        raise Problem("not_allowed", f"The account of {repository.created_by}, who added it, is closed.", hint)
    actor = Actor(user.id, user.name, user.role, (await memberships(session, [user.id])).get(user.id, {}))
    if not may_manage(actor, repository.project):
        raise Problem("not_allowed", f"{user.name}, who added it, does not look after these templates any more.", hint)
    return actor


def may_grant(repository: TemplateRepository, actor: Actor) -> bool:
    """Whether its templates may grant whatever there is: whoever added it could say so, and can."""
    return repository.may_grant and reaches_all(actor)


async def record_sync(session: WriteSession, held: TemplateRepository, result: Result, again: timedelta | None) -> None:
    """Write down what a reading has found, and for the audit what it changed."""
    assert held.wake_at is not None  # noqa: S101  it is held
    changed = [one for one in result.report or () if one.state in CHANGES]
    if changed:
        told = [{"name": one.name, "state": one.state, "version": one.version} for one in changed]
        detail = {"url": held.url, "project": held.project, "commit": result.commit, "templates": told}
        actor = Actor(held.user_id, held.created_by, Role.DEVELOPER)
        await audit.append(session, actor, "template_repository.synced", f"template_repository:{held.id}", detail)
    await rows.record(session, held, result, again)


async def withdraw_absent(
    actor: Actor, session: WriteSession, held: TemplateRepository, there: Sequence[Report]
) -> list[Report]:
    """Withdraw the templates whose folders are gone, or have another one now; what is to be reported of them."""
    refused = {one.folder for one in there if one.state == "refused"}
    now = {(one.folder, one.name) for one in there}
    gone = []
    for template in await templates.of_repository(session, held.id):
        if template.folder in refused or (template.folder, template.name) in now:
            continue
        if await withdraw(actor, session, template):
            gone.append(Report(template.folder, template.name, template.newest, "withdrawn"))
    return gone


async def refuse(session: WriteSession, held: TemplateRepository, folder: str, problem: str) -> Report:
    """Note at the template of a folder, where there is one, why its new state was refused."""
    for template in await templates.of_repository(session, held.id):
        if template.folder == folder and template.withdrawn_at is None:
            locked = await templates.lock(session, template.project, template.name)
            if locked is not None and locked.id == template.id and locked.problem != problem:
                await templates.change(session, template.id, {"problem": problem})
            return Report(folder, template.name, template.newest, "refused", problem)
    return Report(folder, "", None, "refused", problem)
