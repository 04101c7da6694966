"""Leases that end without news, many in one transaction: most looks at a workspace find nothing to write down (ADR 0035)."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, null, update

from carrel.server.store.columns import DatabaseNow, to_microseconds
from carrel.server.store.engine import Store
from carrel.server.store.schema import workspaces
from carrel.server.store.sessions import batched

GATHER_SECONDS = 0.1
"""How long a release waits for others. Nobody waits for it but the loop, which has other places."""
Wake = timedelta | datetime | None


class Releases:
    """Gives leases back in groups."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[str, str, Wake, asyncio.Future[bool]]] = []
        self._task: asyncio.Task[None] | None = None

    async def put(self, workspace_id: str, token: str, wake_at: Wake) -> bool:
        """Give a lease back; whether it was still held. Raises what the store raises."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((workspace_id, token, wake_at, done))
        if self._task is None:
            self._task = asyncio.create_task(self._gather(), name="releases")
        return await done

    async def close(self) -> None:
        """Until what waits is written."""
        while self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _gather(self) -> None:
        await asyncio.sleep(GATHER_SECONDS)
        group, self._waiting, self._task = self._waiting, [], None
        try:
            written = await self._write(group)
        except Exception as error:  # noqa: BLE001  told to each who waits
            for *_, done in group:
                if not done.done():
                    done.set_exception(error)
            return
        for workspace_id, _, _, done in group:
            if not done.done():
                done.set_result(workspace_id in written)

    async def _write(self, group: list[tuple[str, str, Wake, asyncio.Future[bool]]]) -> frozenset[str]:
        """The ids of those that were still held."""
        alike: defaultdict[tuple[str, Wake], list[str]] = defaultdict(list)
        for workspace_id, token, wake_at, _ in group:
            alike[token, wake_at].append(workspace_id)
        written: set[str] = set()
        async with self._store.writing() as session:
            for (token, wake_at), ids in sorted(alike.items(), key=lambda one: sorted(one[1])):
                for some in batched(sorted(ids)):
                    held = and_(workspaces.c.id.in_(some), workspaces.c.lease_token == token)
                    statement = update(workspaces).where(held).values(released(wake_value(wake_at)))
                    written |= {row.id for row in await session.all(statement.returning(workspaces.c.id))}
        return frozenset(written)


def released(wake: Any) -> dict[str, Any]:
    """The columns of a lease that is given back, due again at `wake` (None: when somebody wakes it)."""
    values: dict[str, Any] = {"lease_token": null(), "lease_until": null()}
    if wake is not None:
        # A wake-up that came during the work is earlier, and stays.
        came = workspaces.c.wake_at
        values["wake_at"] = case((came < wake, came), else_=wake)
    return values


def wake_value(wake: Wake) -> Any:
    """When to look again as the database has it."""
    if isinstance(wake, timedelta):
        return DatabaseNow() + int(wake.total_seconds() * 1_000_000)
    return None if wake is None else to_microseconds(wake)
