"""What counts as activity in HTTP traffic, and how it is reported (docs/adr/0009-what-counts-as-activity.md)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

import structlog

from carrel.core.agent import SignalKind
from carrel.core.problems import Problem
from carrel.links.access import Authority
from carrel.proxy.door import Admitted
from carrel.proxy.frames import ClientFrames
from carrel.proxy.head import RequestHead
from carrel.proxy.origin import is_navigation
from carrel.proxy.rhythm import Rhythm
from carrel.proxy.sockets import listener_for

REPORT_SECONDS: Final = 30.0
MOST_REMEMBERED: Final = 4096
_SAFE_METHODS = frozenset({b"GET", b"HEAD", b"OPTIONS"})

log = structlog.get_logger()


class Activity:
    """Reports that somebody does something in a workspace, at most every REPORT_SECONDS."""

    def __init__(self, authority: Authority, clock: Callable[[], float] = time.monotonic) -> None:
        self._authority = authority
        self._clock = clock
        self._reported: dict[tuple[str, SignalKind], float] = {}
        self._rhythms: dict[tuple[str, str, bytes, bytes], Rhythm] = {}
        self._reports: set[asyncio.Task[None]] = set()

    def on_request(self, admitted: Admitted, request: RequestHead) -> None:
        """Count a request that a person caused: a page that was opened, or a change that is not a timer's.

        Anybody in front of a public port may be a crawler, and keeps no workspace alive.
        """
        if admitted.is_anybody:
            return
        if request.field(b"sec-fetch-user") == b"?1":
            self.report(admitted, SignalKind.OPENED)
        elif is_navigation(request):
            if not self._is_timed(admitted, request):
                self.report(admitted, SignalKind.OPENED)
        elif request.method not in _SAFE_METHODS and not self._is_timed(admitted, request):
            self.report(admitted, SignalKind.INPUT)

    def socket(self, admitted: Admitted, request: RequestHead, extensions: bytes) -> ClientFrames:
        """Reads a new WebSocket along."""
        return ClientFrames(
            listener_for(request.target, extensions, lambda kind: self.report(admitted, kind), self._clock)
        )

    def report(self, admitted: Admitted, kind: SignalKind) -> None:
        """Report evidence of one kind, unless it was just reported."""
        if admitted.is_anybody:
            return
        place, now = admitted.place, self._clock()
        key = (place.workspace, kind)
        if now - self._reported.get(key, float("-inf")) < REPORT_SECONDS:
            return
        if len(self._reported) >= MOST_REMEMBERED:
            self._reported.clear()
        self._reported[key] = now
        task = asyncio.get_running_loop().create_task(self._send(place.workspace, kind, place.app))
        self._reports.add(task)
        task.add_done_callback(self._reports.discard)

    async def flush(self) -> None:
        """Wait until what was reported has arrived."""
        await asyncio.gather(*self._reports)

    async def _send(self, workspace: str, kind: SignalKind, app: str) -> None:
        try:
            await self._authority.activity(workspace, kind, f"app {app}")
        except Exception as error:
            # Whatever it was: activity is reported again with the next request.
            self._reported.pop((workspace, kind), None)
            if not isinstance(error, Problem):
                log.exception("activity_not_reported", workspace=workspace)

    def _is_timed(self, admitted: Admitted, request: RequestHead) -> bool:
        """Whether the same request came before at a timer's beat."""
        path = request.target.partition(b"?")[0]
        key = (admitted.place.workspace, admitted.place.app, request.method, path)
        if len(self._rhythms) >= MOST_REMEMBERED:
            self._rhythms.clear()
        return self._rhythms.setdefault(key, Rhythm()).beat(self._clock())
