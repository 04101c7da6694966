"""Leases: which server works on which workspace, and how it records what it did (ADR 0003).

The same statements on SQLite and PostgreSQL; the time of a lease is the database's clock. Claiming takes the wake-up
(`wake_at`) off the row, so that one that comes during the work is still there when the lease is released.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement, and_, null, or_, select, update

from carrel.core.events import Event, Span
from carrel.core.workspace import Failure, Goal, ListedApp, Phase, Remembered, Workspace
from carrel.server.store import events as event_rows
from carrel.server.store import logs as log_rows
from carrel.server.store import spans as span_rows
from carrel.server.store.columns import DatabaseNow
from carrel.server.store.engine import Store
from carrel.server.store.forget import close_to_others, forget
from carrel.server.store.releases import Releases, released, wake_value
from carrel.server.store.schema import workspaces
from carrel.server.store.sessions import WriteSession
from carrel.server.store.wakeups import LOOP, WORKSPACES, Bell, intent_of, of_workspace
from carrel.server.store.workspaces import from_row, selected


@dataclass(frozen=True)
class Outcome:
    """What one step of the loop brought about. None: this one is not changed."""

    generation: int | None = None
    """The intent that was served. Where the row has another one by now, what a policy or a step concluded from the old
    one is dropped (`failure`, `goal` and its reasons, `deadline`, `forget`), the rest is recorded (it is about facts),
    and the row is due at once. None: not compared."""
    start: int | None = None
    """The start that `running_since` is about; it is dropped where the row wants another one by now. None: not compared."""
    phase: Phase | None = None
    remembered: Remembered | None = None
    failure: Failure | None = None
    clear_failure: bool = False
    degraded: str | None = None
    running_since: datetime | None = None
    deadline: datetime | None = None
    stops_at: datetime | None = None
    last_activity_at: datetime | None = None
    stop_reason: str | None = None
    purge_after: datetime | None = None
    stopped_at: datetime | None = None
    archived: bool | None = None
    archived_at: datetime | None = None
    cleared: frozenset[str] = frozenset()
    """Members that are to be empty from now on: `deadline`, `stops_at`."""
    apps: tuple[ListedApp, ...] | None = None
    ended: bool = False
    """It does not run: no running_since, deadline, stops_at, apps, and nothing degraded."""
    goal: Goal | None = None
    """A policy asks for another goal (idle, deadline)."""
    purge: bool = False
    """With goal delete: leave nothing."""
    events: tuple[Event, ...] = ()
    spans: tuple[Span, ...] = ()
    wake_at: timedelta | datetime | None = None
    """With `release`, when to look again: a time, or a while from now. None: when somebody wakes it."""
    release: bool = False
    forget: bool = False
    """Nothing is left of it: keep only its events and audit (step FORGET). It is never due again."""

    @property
    def is_quiet(self) -> bool:
        """Whether it only gives the lease back: nothing is written down, and nobody is to be told."""
        silent = replace(self, generation=None, start=None, wake_at=None, release=False)
        return self.release and silent == Outcome()


PLAIN = (
    "phase",
    "remembered",
    "degraded",
    "running_since",
    "deadline",
    "stops_at",
    "last_activity_at",
    "stop_reason",
    "purge_after",
    "stopped_at",
    "archived",
    "archived_at",
    "apps",
)
"""Members of Outcome that are written as they are."""
_CONCLUDED = ("deadline", "stops_at", "stop_reason", "purge_after", "stopped_at", "archived", "archived_at")
"""Those of them that follow from the intent and not from facts alone."""
ENDED: dict[str, Any] = {"running_since": None, "deadline": None, "stops_at": None, "degraded": "", "apps": ()}
"""What `ended` writes."""


def _due() -> ColumnElement[bool]:
    free = and_(workspaces.c.lease_until.is_(None), workspaces.c.wake_at <= DatabaseNow())
    return or_(free, workspaces.c.lease_until < DatabaseNow())


def _after(seconds: float) -> ColumnElement[int]:
    return DatabaseNow() + int(seconds * 1_000_000)


class Leases:
    """The loop's way to the store; each call is one transaction. Used in an `async with`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._releases = Releases(store)
        self._listening = AsyncExitStack()
        self._work: Bell | None = None
        self._held: dict[str, tuple[Bell, AsyncExitStack]] = {}

    async def __aenter__(self) -> Self:
        """Begin to listen: wake-ups from now on are not lost."""
        self._work = await self._listening.enter_async_context(self._store.wakeups.listen(LOOP))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening."""
        await self._releases.close()
        for workspace_id in list(self._held):
            await self._let_go(workspace_id)
        await self._listening.aclose()

    async def claim(self, limit: int, token: str, lease_seconds: float) -> list[Workspace]:
        """Take at most `limit` workspaces that are due and that nobody holds, longest due first.

        Args:
            limit: at most so many.
            token: fresh for each call: it is what tells a late writer from the present holder.
            lease_seconds: how long they are held without `renew`.
        """
        due = select(workspaces.c.id).where(_due()).order_by(workspaces.c.wake_at).limit(limit)
        due = due.with_for_update(skip_locked=True)  # PostgreSQL: two servers do not wait for each other
        statement = (
            update(workspaces)
            .where(workspaces.c.id.in_(due), _due())
            .values(lease_token=token, lease_until=_after(lease_seconds), wake_at=null())
            .returning(workspaces.c.id)
        )
        async with self._store.writing() as session:
            ids = [row.id for row in await session.all(statement)]
            rows = await session.all(selected().where(workspaces.c.id.in_(ids))) if ids else ()
            claimed = [from_row(row) for row in rows]
            for workspace in claimed:
                await self._hold(workspace.id)
            return claimed

    async def renew(self, workspace_id: str, token: str, lease_seconds: float) -> Workspace | None:
        """Hold it longer; its state now, or None where the lease is lost."""
        statement = (
            update(workspaces)
            .where(workspaces.c.id == workspace_id, workspaces.c.lease_token == token)
            .values(lease_until=_after(lease_seconds))
            .returning(workspaces.c.id)
        )
        async with self._store.writing() as session:
            row = await session.one(statement)
            if row is not None:
                row = await session.one(selected().where(workspaces.c.id == workspace_id))
        if row is None:
            await self._let_go(workspace_id)
            return None
        return from_row(row)

    async def record(self, workspace_id: str, token: str, outcome: Outcome) -> bool:
        """Write an outcome, unless the lease is lost; whether it was written."""
        if outcome.is_quiet:
            written = await self._releases.put(workspace_id, token, outcome.wake_at)
            self._store.wakeups.ring((LOOP,))  # the next one may be due earlier now; other servers leave it to this one
        else:
            async with self._store.writing() as session:
                written = await _record(session, workspace_id, token, outcome)
        if outcome.release or not written:
            await self._let_go(workspace_id)
        return written

    async def wake(self, workspace_id: str) -> None:
        """Make it due at once; data-less, also while somebody holds it. An unknown id is fine."""
        async with self._store.writing() as session:
            row = update(workspaces).where(workspaces.c.id == workspace_id, workspaces.c.purged_at.is_(None))
            await session.run(row.values(wake_at=DatabaseNow()))
            session.wake(LOOP)

    async def wake_all(self) -> None:
        """Make everything due at once: the full re-scan."""
        async with self._store.writing() as session:
            await session.run(update(workspaces).where(workspaces.c.purged_at.is_(None)).values(wake_at=DatabaseNow()))
            session.wake(LOOP)

    async def take_up(self, *, is_alone: bool) -> None:
        """At the start of a server: make due what runs, for no link leads there yet; `is_alone` on its database, end every lease.

        A forerunner that was alone, too, cannot write any more.
        """
        async with self._store.writing() as session:
            if is_alone:
                held = update(workspaces).where(workspaces.c.lease_until.is_not(None))
                await session.run(held.values(lease_token=null(), lease_until=null(), wake_at=DatabaseNow()))
            runs = update(workspaces).where(workspaces.c.phase == Phase.RUNNING, workspaces.c.purged_at.is_(None))
            await session.run(runs.values(wake_at=DatabaseNow()))
            session.wake(LOOP)

    async def append_log(self, workspace_id: str, stream: str, text: str) -> None:
        """Append to a log stream of a workspace (store/logs.py)."""
        async with self._store.writing() as session:
            await log_rows.append(session, workspace_id, stream, text)

    async def wait_for_change(self, workspace_id: str) -> None:
        """Until somebody changed the intent of a held workspace since it was claimed, or since the last wait."""
        await self._held[workspace_id][0].wait()

    async def wait_for_work(self, timeout_seconds: float | None = None) -> None:
        """Until something is due: woken since the last wait, or its time has come, or the timeout is over."""
        due_in = await self.due_in()
        limits = [seconds for seconds in (due_in, timeout_seconds) if seconds is not None]
        if self._work is not None:
            await self._work.wait(min(limits, default=None))

    async def due_in(self) -> float | None:
        """Seconds until the next workspace is due (0: now); None: none ever is."""
        # Each from its index: the smallest of an expression would be looked for in all rows.
        free = select(workspaces.c.wake_at).where(workspaces.c.lease_until.is_(None), workspaces.c.wake_at.is_not(None))
        held = select(workspaces.c.lease_until).where(workspaces.c.lease_until.is_not(None))
        first = free.order_by(workspaces.c.wake_at).limit(1).scalar_subquery()
        lost = held.order_by(workspaces.c.lease_until).limit(1).scalar_subquery()
        async with self._store.reading() as session:
            row = await session.one(select(first - DatabaseNow(), lost - DatabaseNow()))
        left = [] if row is None else [float(value) / 1_000_000 for value in row if value is not None]
        return max(0.0, min(left)) if left else None

    async def _hold(self, workspace_id: str) -> None:
        await self._let_go(workspace_id)
        stack = AsyncExitStack()
        bell = await stack.enter_async_context(self._store.wakeups.listen(intent_of(workspace_id)))
        self._held[workspace_id] = bell, stack

    async def _let_go(self, workspace_id: str) -> None:
        _, stack = self._held.pop(workspace_id, (None, None))
        if stack is not None:
            await stack.aclose()


async def _record(session: WriteSession, workspace_id: str, token: str, outcome: Outcome) -> bool:
    held = and_(workspaces.c.id == workspace_id, workspaces.c.lease_token == token)
    row = await session.one(select(workspaces.c.generation, workspaces.c.start).where(held).with_for_update())
    if row is None:
        return False
    outdated = outcome.generation is not None and row.generation != outcome.generation
    values = _values(session, outcome, outdated=outdated)
    if outcome.start not in {None, row.start}:
        values.pop("running_since", None)
    if values:
        await session.run(update(workspaces).where(held).values(values))
    await span_rows.append(session, workspace_id, outcome.spans)
    if outcome.forget and not outdated:
        await forget(session, workspace_id)
    if outcome.goal is Goal.DELETE and not outdated:
        await close_to_others(session, workspace_id)
    await event_rows.append(session, workspace_id, outcome.events)
    session.wake(WORKSPACES, of_workspace(workspace_id))
    if outcome.release:
        session.wake(LOOP)
    return True


def _values(session: WriteSession, outcome: Outcome, *, outdated: bool) -> dict[str, Any]:
    """The columns that an outcome changes."""
    values: dict[str, Any] = dict(ENDED) if outcome.ended else {}
    values |= {name: getattr(outcome, name) for name in PLAIN if getattr(outcome, name) is not None}
    values |= dict.fromkeys(outcome.cleared)
    if outdated:
        values = {name: value for name, value in values.items() if name not in _CONCLUDED}
    else:
        if outcome.clear_failure or outcome.failure is not None:
            values["failure"] = outcome.failure
        if outcome.goal is not None:
            values |= {
                "goal": outcome.goal,
                "purge": outcome.purge,
                "generation": workspaces.c.generation + 1,
                "goal_at": session.now,
                "failure": None,
            }
    if outcome.release:
        values |= released(DatabaseNow() if outdated else wake_value(outcome.wake_at))
    return values
