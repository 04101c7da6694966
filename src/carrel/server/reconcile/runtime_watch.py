"""The runtime's event stream wakes the loop, and its answer to `probe` is kept for people to see."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from carrel.core.problems import Problem
from carrel.runtimes.contract import Runtime, RuntimeInfo
from carrel.server.store.leases import Leases

log = structlog.get_logger(__name__)
AGAIN_SECONDS = 2.0
PROBE_SECONDS = 60.0
Told = Callable[[RuntimeInfo], Awaitable[None]]


class RuntimeWatch:
    """Follows one runtime for as long as the server lives."""

    def __init__(self, runtime: Runtime, leases: Leases, told: Told | None = None) -> None:
        """Wake through `leases`; `told` has every answer that differs from the one before."""
        self._runtime = runtime
        self._told = told
        self._last: RuntimeInfo | None = None
        self._leases = leases
        self.info: RuntimeInfo | None = None
        self.problem: Problem | None = None

    async def probe(self) -> RuntimeInfo | None:
        """Ask the runtime who it is; None, and `problem` set, where it cannot be asked."""
        try:
            self.info, self.problem = await self._runtime.probe(), None
            if self._told is not None and self.info != self._last:
                await self._told(self.info)
                self._last = self.info
        except Problem as problem:
            if self.problem is None or self.problem.kind != problem.kind:
                log.warning("runtime_unavailable", kind=problem.kind, detail=problem.detail)
            self.info, self.problem = None, problem
        return self.info

    async def run(self) -> None:
        """Wake workspaces as their containers change; all of them when the stream is lost, and when the runtime is back."""
        while True:
            with suppress(Problem):
                async for workspace in self._runtime.watch():
                    await self._leases.wake(workspace)
            await self._leases.wake_all()  # they are told that the runtime is gone, where it is
            back = False
            while not back:
                await asyncio.sleep(AGAIN_SECONDS)
                back = await self.probe() is not None
            await self._leases.wake_all()

    async def keep_probing(self) -> None:
        """Ask again every minute."""
        while True:
            await asyncio.sleep(PROBE_SECONDS)
            await self.probe()
