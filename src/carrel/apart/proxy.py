"""A proxy as a process of its own: as many as are wanted, each behind the same load balancer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from prometheus_client.registry import CollectorRegistry

from carrel.apart.asking import until_answered
from carrel.apart.options import Options
from carrel.apart.own_pages import OwnPages
from carrel.links.http_authority import HttpAuthority
from carrel.links.pool import LinkPool
from carrel.proxy.server import ProxyServer, ProxySettings


@asynccontextmanager
async def proxy(options: Options) -> AsyncIterator[ProxyServer]:
    """A proxy that listens; the block's end drains it.

    Raises:
        Problem: `port_busy`; `not_authenticated` where the server does not accept the token.
    """
    async with AsyncExitStack() as stack:
        authority = HttpAuthority(options.server_url, options.token)
        stack.push_async_callback(authority.close)
        names = await until_answered(authority.names)
        links = LinkPool(authority)
        stack.push_async_callback(links.close)
        registry = CollectorRegistry()
        settings = ProxySettings(options.host, options.port, names.public_url, names.apps_domain)
        pages = OwnPages(lambda: server.is_ready, registry, names.public_url)
        server = ProxyServer(settings, authority, links, pages, registry)
        await server.start()
        stack.push_async_callback(server.close, options.grace_seconds)
        yield server
