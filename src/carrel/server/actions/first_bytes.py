"""The last span of a start's timeline: the first byte of an app, as a proxy saw it."""

from __future__ import annotations

from datetime import datetime

from carrel.core.events import Span
from carrel.core.problems import Problem
from carrel.core.workspace import Workspace
from carrel.server.store import spans, workspaces
from carrel.server.store.sessions import WriteSession


async def record_first_byte(
    session: WriteSession, workspace_id: str, app: str, asked: datetime, answered: datetime
) -> None:
    """Add `first_byte` to the timeline of the present start, unless this app has one. Raises `not_found`."""
    workspace = await workspaces.find(session, workspace_id)
    if workspace is None:
        raise Problem("not_found", "The workspace is gone.")
    span = Span("first_byte", waited_from(workspace, asked), answered, workspace.remembered.started, app)
    await spans.append_first(session, workspace.id, span)


def waited_from(workspace: Workspace, asked: datetime) -> datetime:
    """Since when somebody waited for the app.

    Who asked while it was starting waits for the whole start; who came later waits since then.
    """
    ready, wished = workspace.running_since, workspace.goal_at
    if wished is not None and (asked < wished or ready is None or asked < ready):
        return wished
    return asked
