"""An SSH gateway as a process of its own: as many as are wanted, each behind the same load balancer for TCP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from carrel.apart.asking import until_answered
from carrel.apart.options import Options
from carrel.gateway.server import GatewayServer, GatewaySettings
from carrel.links.http_authority import HttpAuthority
from carrel.links.pool import LinkPool


@asynccontextmanager
async def gateway(options: Options) -> AsyncIterator[GatewayServer]:
    """A gateway that listens; the block's end drains it.

    Raises:
        Problem: `port_busy`; `not_authenticated` where the server does not accept the token.
    """
    async with AsyncExitStack() as stack:
        authority = HttpAuthority(options.server_url, options.token)
        stack.push_async_callback(authority.close)
        await until_answered(authority.names)
        links = LinkPool(authority)
        stack.push_async_callback(links.close)
        server = GatewayServer(GatewaySettings(options.host, options.port), authority, links)
        await server.start()
        stack.push_async_callback(server.close, options.grace_seconds)
        yield server
