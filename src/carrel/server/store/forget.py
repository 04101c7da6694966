"""Forgetting a workspace: its row stays as a tombstone with its events; all else goes."""

from __future__ import annotations

from sqlalchemy import delete, null, update

from carrel.server.store import openings, shares
from carrel.server.store.schema import environments, log_chunks, log_streams, secrets, spans, workspaces
from carrel.server.store.sessions import WriteSession
from carrel.server.store.wakeups import ACCESS, WORKSPACES, of_workspace


async def close_to_others(session: WriteSession, workspace_id: str) -> None:
    """Into the trash nobody follows: out of it a workspace comes back to its owner and to whom it was shared with."""
    await shares.remove_guest_links(session, workspace_id)
    await openings.remove_of_workspace(session, workspace_id)
    session.wake(ACCESS)


async def forget(session: WriteSession, workspace_id: str) -> None:
    """Remove logs, spans, environments and secrets of a workspace; it is never due again, and nobody finds it."""
    for table in (log_chunks, log_streams, spans, environments):
        await session.run(delete(table).where(table.c.workspace_id == workspace_id))
    await session.run(
        delete(secrets).where(secrets.c.scope.in_(("workspace", "variable")), secrets.c.owner == workspace_id)
    )
    await shares.remove(session, workspace_id)
    await openings.remove_of_workspace(session, workspace_id)
    tombstone = update(workspaces).where(workspaces.c.id == workspace_id)
    await session.run(tombstone.values(purged_at=session.now, wake_at=null(), lease_token=null(), lease_until=null()))
    session.wake(WORKSPACES, of_workspace(workspace_id))
