"""Connections to apps, kept alive and used again."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Final

from carrel.core.problems import Problem
from carrel.core.spec import AGENT_PORT
from carrel.links.access import AppAddress, Authority, NotRunning, Place
from carrel.links.link import Link
from carrel.links.pool import LinkPool
from carrel.proxy.first_bytes import FirstBytes
from carrel.proxy.tls_upstream import TlsUpstream
from carrel.proxy.upstream import Upstream

IDLE_SECONDS: Final = 4.0
"""Node closes idle connections after 5 s."""
SURE_SECONDS: Final = 0.5
"""A connection idle for longer may be closing just now: only requests that can be repeated use it."""
MOST_IDLE: Final = 32
"""For each app."""


class Unavailable(Exception):  # noqa: N818  says what the workspace is
    """The workspace does not run now."""

    def __init__(self, state: NotRunning) -> None:
        super().__init__(state.phase)
        self.state = state


class _App:
    """What is known of one app of one workspace."""

    def __init__(self) -> None:
        self.idle: deque[Upstream] = deque()
        self.link: Link | None = None
        self.address: AppAddress | None = None
        self.finding: asyncio.Task[tuple[Link, AppAddress]] | None = None


class Upstreams:
    """Hands out connections to apps."""

    def __init__(self, authority: Authority, links: LinkPool) -> None:
        self._authority = authority
        self._links = links
        self.first_bytes = FirstBytes(authority)
        self._apps: dict[tuple[str, str], _App] = {}

    def take(self, place: Place, *, repeatable: bool) -> Upstream | None:
        """An idle connection, if there is a good one."""
        app = self._apps.get((place.workspace, place.app))
        now = time.monotonic()
        while app is not None and app.idle:
            upstream = app.idle.pop()
            if upstream.closed:
                continue
            age = now - upstream.idle_since
            if age < IDLE_SECONDS and (repeatable or age < SURE_SECONDS):
                upstream.used_before = True
                return upstream
            upstream.abort()
        return None

    def give_back(self, place: Place, upstream: Upstream) -> None:
        """Keep a connection whose last answer is complete."""
        upstream.consumer = None
        app = self._apps.get((place.workspace, place.app))
        if upstream.closed or app is None or len(app.idle) >= MOST_IDLE:
            upstream.abort()
            return
        upstream.resume_reading()
        upstream.idle_since = time.monotonic()
        app.idle.append(upstream)

    async def open(self, place: Place) -> Upstream:
        """A fresh connection; starts the app where it does not run.

        Raises:
            Unavailable: the workspace does not run.
            Problem: `no_such_app`, `app_failed`, `agent_unreachable`.
        """
        if place.app == str(AGENT_PORT):
            raise Problem("no_such_app", "This port is the platform's own.")
        self.first_bytes.asked(place)
        try:
            upstream = await self._open(place)
        except Unavailable as unavailable:
            if not unavailable.state.will_run:
                self.first_bytes.drop(place)
            raise
        upstream.on_first_byte = self.first_bytes.listener(place)
        return upstream

    async def _open(self, place: Place) -> Upstream:
        app = self._apps.setdefault((place.workspace, place.app), _App())
        link, address = await self._find(place, app, anew=False)
        try:
            return await link.tunnel(TlsUpstream if address.tls else Upstream, address.port)
        except ConnectionRefusedError:
            pass  # it ended since we were told its port
        except Problem:
            if not link.closed:
                raise
        link, address = await self._find(place, app, anew=True)
        port = address.port
        try:
            return await link.tunnel(TlsUpstream if address.tls else Upstream, port)
        except ConnectionRefusedError as error:
            hint = f"Start the program that serves port {port}, then reload this page." if place.app.isdigit() else ""
            raise Problem("app_failed", f"Nothing listens on port {port} in the workspace.", hint) from error

    async def _find(self, place: Place, app: _App, *, anew: bool) -> tuple[Link, AppAddress]:
        """The app's link and address; those who ask at the same time share one question."""
        if not anew and app.link is not None and not app.link.closed and app.address is not None:
            return app.link, app.address
        if app.finding is None:
            app.finding = asyncio.get_running_loop().create_task(self._ask(place))
            app.finding.add_done_callback(lambda task: self._found(app, task))
        return await asyncio.shield(app.finding)

    async def _ask(self, place: Place) -> tuple[Link, AppAddress]:
        target = await self._authority.target(place.workspace)
        if isinstance(target, NotRunning):
            raise Unavailable(target)
        link = await self._links.link(target)
        return link, await self._authority.start_app(place.workspace, place.app)

    @staticmethod
    def _found(app: _App, task: asyncio.Task[tuple[Link, AppAddress]]) -> None:
        app.finding = None
        if task.cancelled() or task.exception() is not None:
            app.link = app.address = None
        else:
            app.link, app.address = task.result()

    def ask_anew(self, place: Place) -> None:
        """An app failed: what is known of it, its port and whether it speaks TLS, may be so no longer."""
        app = self._apps.get((place.workspace, place.app))
        if app is not None:
            app.address = None

    def sweep(self) -> None:
        """Close what was idle for too long, and forget apps without connections and link."""
        now = time.monotonic()
        for key, app in list(self._apps.items()):
            while app.idle and (app.idle[0].closed or now - app.idle[0].idle_since >= IDLE_SECONDS):
                app.idle.popleft().abort()
            if not app.idle and app.finding is None and (app.link is None or app.link.closed):
                del self._apps[key]

    def forget(self, workspace: str) -> None:
        """Drop what is known of a workspace: it was stopped, or its start is another one."""
        self.first_bytes.forget(workspace)
        for key in [key for key in self._apps if key[0] == workspace]:
            for upstream in self._apps.pop(key).idle:
                upstream.abort()
