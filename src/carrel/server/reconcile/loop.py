"""Claims workspaces that are due and advances each in a task of its own, as many at once as the settings allow."""

from __future__ import annotations

import asyncio
import secrets

import structlog

from carrel.core.problems import Problem
from carrel.core.workspace import Workspace
from carrel.server.reconcile.advance import Advance
from carrel.server.reconcile.lease import Lease
from carrel.server.store.leases import Leases

log = structlog.get_logger(__name__)


class Loop:
    """One loop for all workspaces of this process."""

    def __init__(
        self,
        leases: Leases,
        advance: Advance,
        *,
        parallel: int = 16,
        lease_seconds: float = 30.0,
        rescan_seconds: float = 60.0,
    ) -> None:
        """Advance up to `parallel` workspaces at once, each under a lease of `lease_seconds`.

        What is due by its time is found within `rescan_seconds` even where every wake-up was missed.
        """
        self._rescan_seconds = rescan_seconds
        self._leases = leases
        self._advance = advance
        self._parallel = parallel
        self._lease_seconds = lease_seconds
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = asyncio.Event()

    async def run(self) -> None:
        """Claim and advance until cancelled; what is under way then is cancelled too and found again later."""
        try:
            while True:
                await self._claim()
                await self._rest()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _claim(self) -> None:
        free = self._parallel - len(self._tasks)
        if free <= 0 or not await self._is_due():
            return
        lease = Lease(secrets.token_hex(16), self._lease_seconds)
        try:
            claimed = await self._leases.claim(free, lease.token, self._lease_seconds)
        except Exception:
            log.exception("claim_failed")
            await asyncio.sleep(1)
            return
        for workspace in claimed:
            task = asyncio.create_task(self._guarded(workspace, Lease(lease.token, self._lease_seconds)))
            self._tasks.add(task)
            task.add_done_callback(self._forget)

    async def _is_due(self) -> bool:
        """Whether a claim would find something: asking is cheaper than a transaction that changes nothing."""
        try:
            return await self._leases.due_in() == 0
        except Problem:
            return True  # the claim tells of it, and waits

    async def _guarded(self, workspace: Workspace, lease: Lease) -> None:
        try:
            await self._advance.run(workspace, lease)
        except Exception:
            # The lease runs out by itself, and the workspace is claimed again: nothing is lost.
            log.exception("advance_failed", workspace=workspace.id)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._ended.set()

    async def _rest(self) -> None:
        """Until something may be due: a wake-up, a task that ended, or the time of the next one."""
        self._ended.clear()
        woken = asyncio.create_task(self._leases.wait_for_work(self._rescan_seconds))
        ended = asyncio.create_task(self._ended.wait())
        try:
            full = len(self._tasks) >= self._parallel
            await asyncio.wait({ended} if full else {woken, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (woken, ended):
                task.cancel()
            await asyncio.gather(woken, ended, return_exceptions=True)
