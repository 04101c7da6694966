"""Keeps the catalog as its git repositories have it: reads those that are due, one at a time (ADR 0038)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from carrel.core.access import Actor
from carrel.core.problems import Problem
from carrel.core.spec import GitSource
from carrel.core.workspace import Workspace
from carrel.server.actions import template_repositories as actions
from carrel.server.actions.templates import RepositoryUse, publish
from carrel.server.reconcile.inspection import Inspections
from carrel.server.reconcile.template_folders import FoundFolder, found_folders
from carrel.server.settings import Settings
from carrel.server.store import template_repositories as rows
from carrel.server.store.engine import Store
from carrel.server.store.sessions import WriteSession
from carrel.server.store.template_repositories import Report, Result, TemplateRepository
from carrel.server.store.wakeups import TEMPLATES
from carrel.templates.folder import read_template_folder

log = structlog.get_logger(__name__)
LIMIT_SECONDS = 240.0
"""For one repository."""
LEASE = timedelta(seconds=300)
"""After it another server takes up what one has left; longer than the limit."""
LOOK_SECONDS = 60.0
"""How soon what is due is found where a wake-up was missed."""
OF_THE_SERVER = frozenset({"unavailable", "no_space", "no_engine", "engine_error", "internal"})
"""Problems that say nothing of a single template."""


class OvertakenError(Exception):
    """The repository was woken, taken or removed meanwhile: it is read anew, and this reading changes nothing more."""


@dataclass
class TemplateSync:
    """Reads repositories for the catalog."""

    store: Store
    settings: Settings
    inspections: Inspections

    async def run(self) -> None:
        """For as long as the server lives."""
        async with self.store.wakeups.listen(TEMPLATES) as bell:
            begun = False
            while True:
                pause: float | None = LOOK_SECONDS
                try:
                    begun = begun or await self._begin()
                    while (
                        pause := await self._due_in()
                    ) == 0:  # asking is cheaper than a transaction that changes nothing
                        await self.sync_one()
                except Problem as problem:
                    log.warning("templates_not_synchronised", kind=problem.kind, detail=problem.detail)
                    pause = 1.0
                await bell.wait(LOOK_SECONDS if pause is None else min(pause, LOOK_SECONDS))

    async def _begin(self) -> bool:
        """What was only read on demand so far is read by the clock, where the settings have one now."""
        if again := self._again():
            async with self.store.writing() as session:
                await rows.schedule_all(session, again)
        return True

    async def _due_in(self) -> float | None:
        async with self.store.reading() as session:
            return await rows.due_in(session)

    def _again(self) -> timedelta | None:
        seconds = self.settings.template_sync_seconds
        return timedelta(seconds=seconds) if seconds else None

    async def sync_one(self) -> bool:
        """Read the repository that is due; whether there was one. Raises Problem where the database does not answer."""
        async with self.store.writing() as session:
            held = await rows.claim(session, LEASE)
            began = session.now
        if held is None:
            return False
        try:
            try:
                await self._read(held, began)
            except Problem as problem:
                await self._record(held, Result(began, told(problem)))
            except OvertakenError:
                raise
            except Exception as error:
                log.exception("template_sync_broke", repository=held.id)
                await self._record(held, Result(began, told(Problem("internal", f"{type(error).__name__}."))))
        except OvertakenError:
            log.info("template_sync_overtaken", repository=held.id)
        return True

    async def _read(self, held: TemplateRepository, began: datetime) -> None:
        """Bring the catalog to what the repository has. Raises Problem: it cannot be read; nothing is withdrawn then."""
        async with self.store.reading() as session:
            actor = await actions.registrant(session, held)
        await self.inspections.runtime.ensure_toolbox(lambda line: log.info("toolbox_for_templates", line=line))
        wanted = Workspace("", actor.user_id, actor.name, "templates", GitSource(held.url, held.ref))
        reports: list[Report] = []
        try:
            async with asyncio.timeout(LIMIT_SECONDS), self.inspections.opened(wanted) as (fetched, files):
                async for folder in found_folders(files, held.folder):
                    reports.append(await self._take(held, actor, folder, fetched.commit, reports))
        except TimeoutError as error:
            raise Problem("no_progress", f"It was not read within {LIMIT_SECONDS:g} s.") from error
        where = f"the folder {held.folder}" if held.folder else "it"
        problem = "" if reports else f"There is no template.yaml in {where}, nor up to three levels below."
        await self._record(held, Result(began, problem, fetched.commit, tuple(reports)), actor)

    async def _record(self, held: TemplateRepository, result: Result, actor: Actor | None = None) -> None:
        """Write down what was found; with an actor, withdraw in his name what is not there any more."""
        async with self.store.writing() as session:
            await self._hold(session, held)
            if actor is not None:
                gone = await actions.withdraw_absent(actor, session, held, result.report or ())
                result = replace(result, report=(*(result.report or ()), *gone))
            await actions.record_sync(session, held, result, self._again())

    async def _take(
        self, held: TemplateRepository, actor: Actor, folder: FoundFolder, commit: str, before: Sequence[Report]
    ) -> Report:
        """Publish one folder; one that is bad is told, and stops no other."""
        try:
            name = _checked(folder, before)
            async with self.store.writing() as session:
                await self._hold(session, held)
                use = RepositoryUse(held.id, folder.path, commit)
                done = await publish(
                    actor,
                    session,
                    self.settings,
                    held.project,
                    folder.files,
                    repository=use,
                    may_grant=actions.may_grant(held, actor),
                )
        except Problem as problem:
            if problem.kind in OF_THE_SERVER:
                raise
            async with self.store.writing() as session:
                await self._hold(session, held)
                return await actions.refuse(session, held, folder.path, told(problem))
        number = done.version.number
        state = "same" if not done.is_new else "new" if number == 1 else "updated"
        return Report(folder.path, name, number, state)

    async def _hold(self, session: WriteSession, held: TemplateRepository) -> None:
        if not await rows.hold(session, held):
            raise OvertakenError


def _checked(folder: FoundFolder, before: Sequence[Report]) -> str:
    """The name of a folder's template. Raises `bad_value` with file, line and column, `name_taken`."""
    if folder.problem:
        raise Problem("bad_value", folder.problem)
    name = read_template_folder(folder.files, folder.path).template.name
    if twice := next((one for one in before if one.name == name and one.state != "refused"), None):
        where = twice.folder or "the root"
        raise Problem("name_taken", f"{name!r} is the template in {where} of the repository, too.", "Rename one.")
    return name


def told(problem: Problem) -> str:
    """A problem as the catalog keeps it; what is wrong in a file says enough."""
    detail = problem.detail or f"{problem.title}."
    return f"{detail} {problem.hint}" if problem.hint and "faults" not in problem.extra else detail
