"""Connections to apps: channels of a link, kept alive and used again."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

import asyncssh

from carrel.core.problems import Problem
from carrel.links.access import Authority, NotRunning, Place
from carrel.links.link import Link
from carrel.links.pool import LinkPool
from carrel.proxy.first_bytes import FirstBytes

IDLE_SECONDS: Final = 4.0
"""Node closes idle connections after 5 s."""
SURE_SECONDS: Final = 0.5
"""A connection idle for longer may be closing just now: only requests that can be repeated use it."""
MOST_IDLE: Final = 32
"""For each app."""
WRITE_BUFFER_BYTES: Final = 256 * 1024


class Unavailable(Exception):  # noqa: N818  says what the workspace is
    """The workspace does not run now."""

    def __init__(self, state: NotRunning) -> None:
        super().__init__(state.phase)
        self.state = state


class Consumer(Protocol):
    """Who uses a connection at the moment."""

    def upstream_data(self, data: bytes) -> None:
        """The app sent something."""

    def upstream_ended(self) -> None:
        """The app will send no more."""

    def upstream_lost(self) -> None:
        """The connection is gone."""

    def upstream_writable(self, writable: bool) -> None:  # noqa: FBT001  a callback's one fact
        """The app takes data, or has fallen behind."""


class Upstream(asyncssh.SSHTCPSession[bytes]):
    """One connection to an app."""

    def __init__(self) -> None:
        self.consumer: Consumer | None = None
        self.channel: asyncssh.SSHTCPChannel[bytes]
        self.closed = False
        self.used_before = False
        self.idle_since = 0.0
        self.on_first_byte: Callable[[], None] | None = None
        self._paused = False

    def connection_made(self, chan: asyncssh.SSHTCPChannel[bytes]) -> None:
        """Keep the channel."""
        self.channel = chan
        chan.set_write_buffer_limits(WRITE_BUFFER_BYTES)

    def data_received(self, data: bytes, datatype: int | None) -> None:  # noqa: ARG002  asyncssh's signature
        """Pass on; data that nobody asked for ends the connection."""
        if self.on_first_byte is not None:
            self.on_first_byte()
            self.on_first_byte = None
        if self.consumer is None:
            self.abort()
        else:
            self.consumer.upstream_data(data)

    def eof_received(self) -> bool:
        """Pass on; our own direction stays open."""
        if self.consumer is None:
            self.abort()
        else:
            self.consumer.upstream_ended()
        return not self.closed

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncssh's signature
        """Pass on."""
        self.closed = True
        if self.consumer is not None:
            self.consumer.upstream_lost()

    def pause_writing(self) -> None:
        """Pass on."""
        if self.consumer is not None:
            self.consumer.upstream_writable(False)

    def resume_writing(self) -> None:
        """Pass on."""
        if self.consumer is not None:
            self.consumer.upstream_writable(True)

    def pause_reading(self) -> None:
        """Take no more from the app for now; its window fills and holds it back."""
        if not self._paused and not self.closed:
            self._paused = True
            self.channel.pause_reading()

    def resume_reading(self) -> None:
        """Take from the app again."""
        if self._paused and not self.closed:
            self._paused = False
            self.channel.resume_reading()

    def write(self, data: bytes) -> None:
        """Send to the app."""
        if not self.closed:
            self.channel.write(data)

    def write_eof(self) -> None:
        """Send no more."""
        if not self.closed:
            self.channel.write_eof()

    def abort(self) -> None:
        """End the connection now."""
        self.consumer = None
        if not self.closed:
            self.closed = True
            self.channel.abort()


class _App:
    """What is known of one app of one workspace."""

    def __init__(self) -> None:
        self.idle: deque[Upstream] = deque()
        self.link: Link | None = None
        self.port = 0
        self.finding: asyncio.Task[tuple[Link, int]] | None = None


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
        link, port = await self._find(place, app, anew=False)
        try:
            return await link.tunnel(Upstream, port)
        except ConnectionRefusedError:
            pass  # it ended since we were told its port
        except Problem:
            if not link.closed:
                raise
        link, port = await self._find(place, app, anew=True)
        try:
            return await link.tunnel(Upstream, port)
        except ConnectionRefusedError as error:
            hint = f"Start the program that serves port {port}, then reload this page." if place.app.isdigit() else ""
            raise Problem("app_failed", f"Nothing listens on port {port} in the workspace.", hint) from error

    async def _find(self, place: Place, app: _App, *, anew: bool) -> tuple[Link, int]:
        """The app's link and port; those who ask at the same time share one question."""
        if not anew and app.link is not None and not app.link.closed and app.port:
            return app.link, app.port
        if app.finding is None:
            app.finding = asyncio.get_running_loop().create_task(self._ask(place))
            app.finding.add_done_callback(lambda task: self._found(app, task))
        return await asyncio.shield(app.finding)

    async def _ask(self, place: Place) -> tuple[Link, int]:
        target = await self._authority.target(place.workspace)
        if isinstance(target, NotRunning):
            raise Unavailable(target)
        link = await self._links.link(target)
        return link, await self._authority.start_app(place.workspace, place.app)

    @staticmethod
    def _found(app: _App, task: asyncio.Task[tuple[Link, int]]) -> None:
        app.finding = None
        if task.cancelled() or task.exception() is not None:
            app.link, app.port = None, 0
        else:
            app.link, app.port = task.result()

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
