"""Prebuilds: made like workspaces, and taken by the next workspace that asks for the same (ADR 0016)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from carrel.core.events import Event
from carrel.core.names import MAX_NAME_LENGTH, name_from_source
from carrel.core.problems import Problem
from carrel.core.spec import GitSource
from carrel.core.workspace import PREBUILD, Goal, Workspace
from carrel.server.settings import Settings
from carrel.server.store import events, workspaces
from carrel.server.store.sessions import WriteSession


def prebuild_label(labels: dict[str, str] | None = None) -> dict[str, str]:
    """The labels of a prebuild."""
    return {**(labels or {}), PREBUILD: "yes"}


def prebuild_name(source: GitSource) -> str:
    """Its name: people see it among their workspaces."""
    return f"prebuild-{name_from_source(source.url)}"[: MAX_NAME_LENGTH - 6].rstrip("-")


def check_source(source: object) -> GitSource:
    """A source that can be prebuilt. Raises `bad_source`."""
    if not isinstance(source, GitSource):
        raise Problem("bad_source", "Only a git repository can be prebuilt.")
    return source


async def find_prebuild(session: WriteSession, settings: Settings, wanted: Workspace) -> Workspace | None:
    """A prebuild that is ready and can become the workspace that is asked for, locked; None where there is none.

    It is the caller's own, of the same project, source, configuration, size and network, so that its containers are
    right as they are: hooks that it has run are not run again, since nothing was made anew.

    Args:
        session: of the transaction in which a new row would be inserted.
        settings: which say how old it may be.
        wanted: the row that would be inserted.
    """
    ready = await workspaces.prebuilds(session, wanted.owner_id)
    fresh = [one for one in ready if not _is_old(one, session.now, settings.prebuild_max_age_seconds)]
    found = next((one for one in fresh if _fits(one, wanted)), None)
    if found is None:
        return None
    found = await workspaces.lock_id(session, found.id)
    return found if _fits(found, wanted) else None


async def take_prebuild(session: WriteSession, found: Workspace, wanted: Workspace) -> Workspace:
    """Make a prebuild that was found into the workspace that is asked for."""
    values: dict[str, Any] = {
        "name": wanted.name,
        "labels": wanted.labels,
        "retention": wanted.retention,
        "dotfiles": wanted.dotfiles,
        "goal": Goal.RUN,
        "goal_at": session.now,
        "start": found.start + 1,
        "generation": found.generation + 1,
        "stop_reason": "",
        "remembered": replace(found.remembered, prebuilt=""),
    }
    await workspaces.change(session, found.id, values)
    made = found.created_at.isoformat() if found.created_at else ""
    taken = Event("prebuild_taken", {"commit": found.remembered.commit, "made_at": made})
    await events.append(session, found.id, [taken])
    return await workspaces.lock_id(session, found.id)


def _is_old(prebuild: Workspace, now: datetime, seconds: int) -> bool:
    """Its commit may be far behind the branch by now."""
    made = prebuild.created_at
    return bool(seconds) and made is not None and now - made > timedelta(seconds=seconds)


def _fits(prebuild: Workspace, wanted: Workspace) -> bool:
    """Whether a prebuild is ready, and what is asked for but for what belongs to the person."""
    is_ready = prebuild.is_prebuild and bool(prebuild.remembered.prebuilt) and prebuild.goal is Goal.STOP
    same = ("owner_id", "project", "domain", "source", "devcontainer", "limits", "egress", "allow")
    return is_ready and prebuild.failure is None and all(getattr(prebuild, n) == getattr(wanted, n) for n in same)
