"""Policies of projects, and what applies where nothing was chosen (ADR 0036)."""

from __future__ import annotations

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.policy import Policy, check_asked, check_project, effective
from carrel.core.project import ProjectPolicy
from carrel.core.records import dump
from carrel.server.actions.projects import get_project
from carrel.server.settings import UNSAID, Settings
from carrel.server.store import audit, policies, projects
from carrel.server.store.sessions import ReadSession, WriteSession

_TEAM = {"ttl_min_seconds": 300, "ttl_max_seconds": 86400, "archive_after_days": 14, "delete_after_days": 30}
_LOCAL = {"ttl_min_seconds": 60, "ttl_max_seconds": 0, "archive_after_days": 0, "delete_after_days": 0}


def defaults_of(settings: Settings) -> Policy:
    """The installation's policy. One person on his own machine is asked for nothing and loses nothing by waiting."""
    by_mode = _TEAM if settings.mode == "team" else _LOCAL
    said = {name: getattr(settings, name) for name in by_mode if getattr(settings, name) != UNSAID}
    return Policy(
        ttl_seconds=settings.ttl_seconds,
        max_life_seconds=settings.max_life_seconds,
        hard_life_seconds=settings.hard_life_seconds,
        warning_seconds=settings.ending_warning_seconds,
        trash_days=settings.trash_days,
        **by_mode | said,
    )


async def in_force(
    session: ReadSession, settings: Settings, project: str, template: ProjectPolicy | None = None
) -> Policy:
    """What applies in a project now, to workspaces of a template where one is given."""
    return effective(defaults_of(settings), await policies.of_project(session, project), template)


async def check_wish(
    session: ReadSession,
    settings: Settings,
    project: str,
    ttl_seconds: int | None,
    max_life_seconds: int | None,
    template: ProjectPolicy | None = None,
) -> None:
    """Raise `bad_value` where somebody asks for times outside the bounds of his project and template, which are named."""
    check_asked(await in_force(session, settings, project, template), ttl_seconds, max_life_seconds)


async def get_policy(actor: Actor, session: ReadSession, name: str) -> tuple[str, ProjectPolicy]:
    """A project's name and what it chose. Raises `not_found`, `not_allowed`."""
    project = await get_project(actor, session, name)
    return project.name, project.policy


async def put_policy(
    actor: Actor, session: WriteSession, settings: Settings, name: str, chosen: ProjectPolicy
) -> tuple[str, ProjectPolicy]:
    """Store what a project chooses; it applies to what runs and rests at once.

    Raises:
        Problem: `not_found`, `not_allowed`, `bad_value`.
    """
    project = await get_project(actor, session, name)
    demand(actor, Action.PROJECT_MANAGE, Resource("", project.name))
    chosen = check_project(defaults_of(settings), chosen)
    await projects.ensure(session, project.name)
    await policies.put(session, project.name, chosen)
    detail = {member: value for member, value in dump(chosen).items() if value is not None}
    await audit.append(session, actor, "project.policy", f"project:{project.name}", detail)
    return project.name, chosen
