"""The front door: one port for the dashboard, the API and all apps."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Final

import structlog
from prometheus_client.registry import CollectorRegistry
from starlette.types import ASGIApp

from carrel.links.access import Authority, Revocation
from carrel.links.pool import LinkPool
from carrel.proxy.activity import Activity
from carrel.proxy.connection import Connection
from carrel.proxy.dashboard import Dashboard
from carrel.proxy.door import Admitted, matches
from carrel.proxy.frames import SERVICE_RESTART
from carrel.proxy.listening import listening
from carrel.proxy.metrics import ProxyMetrics
from carrel.proxy.patience import Patience
from carrel.proxy.presence import Presence
from carrel.proxy.routes import Routes
from carrel.proxy.site import Site
from carrel.proxy.upstreams import Upstreams

BACKLOG: Final = 1024
SWEEP_SECONDS: Final = 1.0
GOODBYE_SECONDS: Final = 1.0
"""What clients of WebSockets have to take the last frame."""


@dataclass(frozen=True)
class ProxySettings:
    """Where the proxy listens and under which names it is known."""

    host: str = "127.0.0.1"
    port: int = 7070
    """0: any free port; `ProxyServer.port` tells."""
    public_url: str = "http://127.0.0.1:7070"
    """Of the dashboard, without a path; its scheme is also that of the apps."""
    apps_domain: str = "localhost"
    dashboard_hosts: tuple[str, ...] = ()
    """Further names of the dashboard, without port."""
    patience: Patience = field(default_factory=Patience)


class Proxy:
    """What all connections share."""

    def __init__(
        self,
        settings: ProxySettings,
        authority: Authority,
        links: LinkPool,
        app: ASGIApp,
        registry: CollectorRegistry | None = None,
    ) -> None:
        self.log = structlog.get_logger()
        self.patience = settings.patience
        self.routes = Routes(settings.public_url, settings.apps_domain, settings.dashboard_hosts)
        self.upstreams = Upstreams(authority, links)
        self.activity = Activity(authority)
        self.presence = Presence(authority)
        self.site = Site(authority, self.upstreams, self.activity, settings.public_url)
        self.metrics = ProxyMetrics(registry)
        self.dashboard = Dashboard(app, self.routes)
        self.connections: set[Connection] = set()
        self.draining = False
        self.taken_away = asyncio.Event()
        """Something was, from somebody: it is time to `ask_again`."""
        self.now = asyncio.get_running_loop().time
        self.site.door.on_revocation(self._revoke)

    def _revoke(self, revocation: Revocation) -> None:
        """End what is under way on behalf of whom it was taken from."""
        if revocation.is_unnamed:
            self.taken_away.set()
            return
        if revocation.workspace and not revocation.user:
            self.upstreams.forget(revocation.workspace)
        for connection in list(self.connections):
            if connection.admitted is not None and matches(revocation, connection.admitted):
                connection.cut()

    async def ask_again(self) -> None:
        """End what is under way with a ticket that has run out or was taken away."""
        open_now: dict[Admitted, list[Connection]] = {}
        for connection in self.connections:
            if connection.admitted is not None:
                open_now.setdefault(connection.admitted, []).append(connection)
        for admitted in await self.site.door.lost(open_now) if open_now else ():
            for connection in open_now[admitted]:
                connection.cut()

    async def quiet(self) -> None:
        """Wait until no request is under way; an event on every request would cost more than a look now and then."""
        self.say_goodbye()
        while any(connection.busy for connection in self.connections):
            await asyncio.sleep(0.02)
            self.say_goodbye()

    def say_goodbye(self) -> None:
        """Have WebSockets come back elsewhere, those that are not in the middle of a message."""
        for connection in list(self.connections):
            connection.say_goodbye(SERVICE_RESTART)

    async def parted(self) -> None:
        """Wait until those who were told to go have gone."""
        while any(connection.leaving for connection in self.connections):
            self.say_goodbye()
            await asyncio.sleep(0.02)

    def sweep(self) -> None:
        """Close what is over its time."""
        now = self.now()
        for connection in list(self.connections):
            if connection.deadline is not None and connection.deadline < now:
                connection.expire()
        self.presence.look({id(one.admitted): one.admitted for one in self.connections if one.admitted}.values())
        self.upstreams.sweep()
        self.dashboard.tick()


class ProxyServer:
    """Listens, and ends in order."""

    def __init__(
        self,
        settings: ProxySettings,
        authority: Authority,
        links: LinkPool,
        app: ASGIApp,
        registry: CollectorRegistry | None = None,
    ) -> None:
        self._settings = settings
        self._parts = (settings, authority, links, app, registry)
        self._servers: list[asyncio.Server] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.port = settings.port

    @property
    def is_ready(self) -> bool:
        """Whether new clients are served: it is not ending, and the control plane is there."""
        return not self.proxy.draining and self.proxy.site.door.hears

    async def start(self) -> None:
        """Start the application and listen.

        Raises:
            Problem: `port_busy`.
        """
        sockets = listening(self._settings.host, self._settings.port, self._settings.patience.silence)
        self.port = sockets[0].getsockname()[1]
        self.proxy = Proxy(*self._parts)
        loop = asyncio.get_running_loop()
        try:
            await self.proxy.dashboard.start()
            for sock in sockets:
                server = await loop.create_server(lambda: Connection(self.proxy), sock=sock, backlog=BACKLOG)
                self._servers.append(server)
        except BaseException:
            for sock in sockets:
                sock.close()
            raise
        works = (self.proxy.site.door.listen(), self._sweep(), self._ask_again())
        self._tasks = [loop.create_task(work) for work in works]

    async def close(self, grace_seconds: float = 5.0) -> None:
        """Accept no more, let requests end within the grace, then cut what is left. WebSockets are closed at once (1012)."""
        for server in self._servers:
            server.close()
        self.proxy.draining = True
        for connection in list(self.proxy.connections):
            connection.drain()
        loop = asyncio.get_running_loop()
        until = loop.time() + grace_seconds
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_seconds):
                await self.proxy.quiet()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self.proxy.parted()
        for connection in list(self.proxy.connections):
            connection.cut()
        await self.proxy.dashboard.close(max(0.0, until - loop.time()))
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self.proxy.activity.flush()
        await self.proxy.presence.flush()
        await self.proxy.upstreams.first_bytes.flush()

    async def _ask_again(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._settings.patience.ask_again):
                    await self.proxy.taken_away.wait()
            self.proxy.taken_away.clear()
            try:
                await self.proxy.ask_again()
            except Exception:
                self.proxy.log.exception("ask_again_failed")

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self.proxy.sweep()
