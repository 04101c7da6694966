"""Git repositories that templates come from; which server reads one now, and when it is read again (ADR 0038).

`wake_at` is both: who claims a due row moves it ahead by the time that he may take, and puts the next time there when he
is done. Who finds another time there than he left has lost it, and changes nothing: it is read anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select, update

from carrel.core.workspace import new_id
from carrel.server.store.schema import template_repositories as table
from carrel.server.store.schema import users
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.wakeups import TEMPLATES


@dataclass(frozen=True)
class Report:
    """What became of one folder when its repository was last read."""

    folder: str
    name: str
    """Empty: its template.yaml does not say."""
    version: int | None
    state: str
    """`new`, `updated`, `same`, `withdrawn`, `refused`."""
    problem: str = ""


@dataclass(frozen=True)
class TemplateRepository:
    """A repository."""

    id: str
    project: str
    """Whose its templates are; empty: everybody's."""
    url: str
    ref: str
    folder: str
    """Where templates are looked for; empty: everywhere."""
    user_id: str
    """Whose git credentials are used, and in whose name its templates are published."""
    created_by: str
    """His name."""
    may_grant: bool
    created_at: datetime
    synced_at: datetime | None
    """When the last reading of it began that has ended; None: none has."""
    commit: str
    problem: str
    report: tuple[Report, ...]
    wake_at: datetime | None


@dataclass(frozen=True)
class Place:
    """What a repository is known by beside its id: whose, which, where in it."""

    project: str
    url: str
    ref: str = ""
    folder: str = ""


@dataclass(frozen=True)
class Result:
    """What a reading has found; None: as it was."""

    began: datetime
    problem: str = ""
    commit: str | None = None
    report: tuple[Report, ...] | None = None


async def insert_repository(session: WriteSession, place: Place, user_id: str, *, may_grant: bool) -> str:
    """Store one, due at once; its id."""
    values = {
        "id": new_id(),
        "project": place.project,
        "url": place.url,
        "ref": place.ref,
        "folder": place.folder,
        "created_by": user_id,
        "may_grant": may_grant,
        "created_at": session.now,
        "commit": "",
        "problem": "",
        "report": [],
        "wake_at": session.now,
    }
    await session.run(insert(table).values(values))
    session.wake(TEMPLATES)
    return str(values["id"])


async def get(session: ReadSession, repository_id: str) -> TemplateRepository | None:
    """One, or None."""
    row = await session.one(_selected().where(table.c.id == repository_id))
    return None if row is None else _from_row(row)


async def at(session: ReadSession, place: Place) -> TemplateRepository | None:
    """The one of this place."""
    known = (table.c.project == place.project, table.c.url == place.url)
    row = await session.one(_selected().where(*known, table.c.ref == place.ref, table.c.folder == place.folder))
    return None if row is None else _from_row(row)


async def all_repositories(session: ReadSession) -> list[TemplateRepository]:
    """All, by project and address."""
    rows = await session.all(_selected().order_by(table.c.project, table.c.url, table.c.folder, table.c.id))
    return [_from_row(row) for row in rows]


async def count(session: ReadSession, project: str) -> int:
    """How many a project has."""
    return int(await session.scalar(select(func.count()).where(table.c.project == project)))


async def remove(session: WriteSession, repository_id: str) -> bool:
    """Remove one; its templates are nobody's then. Whether there was one."""
    removed = bool(await session.run(delete(table).where(table.c.id == repository_id)))
    session.wake(TEMPLATES)
    return removed


async def remove_of_project(session: WriteSession, project: str) -> None:
    """Remove those of a project that goes."""
    await session.run(delete(table).where(table.c.project == project))


async def wake(session: WriteSession, repository_id: str) -> datetime | None:
    """Make it due at once; also while somebody reads it, who may have missed what it is read for.

    Returns:
        Its `synced_at`: another one there means that a reading has ended which began after this.
    """
    woken = update(table).where(table.c.id == repository_id).values(wake_at=session.now)
    before = await session.one(woken.returning(table.c.synced_at))
    session.wake(TEMPLATES)
    return None if before is None else before.synced_at


async def claim(session: WriteSession, lease: timedelta) -> TemplateRepository | None:
    """Take the one that is due for longest; its `wake_at` is when another server may take it."""
    due = select(table.c.id).where(table.c.wake_at <= session.now).order_by(table.c.wake_at).limit(1)
    due = due.with_for_update(skip_locked=True)  # PostgreSQL: two servers do not wait for each other
    taken = update(table).where(table.c.id.in_(due), table.c.wake_at <= session.now)
    row = await session.one(taken.values(wake_at=session.now + lease).returning(table.c.id))
    return None if row is None else await get(session, row.id)


async def due_in(session: ReadSession) -> float | None:
    """Seconds until one is due (0: now); None: none ever is."""
    first = await session.one(
        select(table.c.wake_at).where(table.c.wake_at.is_not(None)).order_by(table.c.wake_at).limit(1)
    )
    return None if first is None else max(0.0, (first.wake_at - session.now).total_seconds())


async def hold(session: WriteSession, claimed: TemplateRepository) -> bool:
    """Whether it is still the claimer's until the end of the transaction: nobody has woken, taken or removed it since."""
    held = (table.c.id == claimed.id, table.c.wake_at == claimed.wake_at)
    return await session.one(select(table.c.id).where(*held).with_for_update()) is not None


async def record(session: WriteSession, held: TemplateRepository, result: Result, again: timedelta | None) -> None:
    """Write what a reading found of what is held, and when the next is; None: when somebody asks for it."""
    wake_at = None if again is None else session.now + again
    values: dict[str, Any] = {"synced_at": result.began, "problem": result.problem, "wake_at": wake_at}
    if result.commit is not None:
        values["commit"] = result.commit
    if result.report is not None:
        values["report"] = [one.__dict__ for one in result.report]
    await session.run(update(table).where(table.c.id == held.id).values(values))
    session.wake(TEMPLATES)


async def schedule_all(session: WriteSession, within: timedelta) -> None:
    """Those that nobody would read again are read within this time."""
    await session.run(update(table).where(table.c.wake_at.is_(None)).values(wake_at=session.now + within))


def _selected() -> Select[Any]:
    return select(table, users.c.name.label("user_name")).join(users, users.c.id == table.c.created_by)


def _from_row(row: Row[Any]) -> TemplateRepository:
    reports: Sequence[dict[str, Any]] = row.report
    return TemplateRepository(
        id=row.id,
        project=row.project,
        url=row.url,
        ref=row.ref,
        folder=row.folder,
        user_id=row.created_by,
        created_by=row.user_name,
        may_grant=row.may_grant,
        created_at=row.created_at,
        synced_at=row.synced_at,
        commit=row.commit,
        problem=row.problem,
        report=tuple(Report(**one) for one in reports),
        wake_at=row.wake_at,
    )
