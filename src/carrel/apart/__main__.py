"""`python -m carrel.apart proxy|gateway`: the process; `carrel proxy` and `carrel gateway` are its commands."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import structlog
import uvloop

from carrel.apart.gateway import gateway
from carrel.apart.options import Options, checked_url, token_from
from carrel.apart.proxy import proxy
from carrel.core.problems import Problem
from carrel.proxy.listening import allow_many_sockets
from carrel.server.logs import configure_logs
from carrel.server.settings import load_settings

log = structlog.get_logger(__name__)


async def run(kind: str, options: Options) -> None:
    """Serve until SIGTERM or SIGINT, then drain; whoever still waits for the server has nothing to drain."""
    ended, is_up = asyncio.Event(), asyncio.Event()

    async def serving() -> None:
        async with proxy(options) if kind == "proxy" else gateway(options) as server:
            log.info("listening", kind=kind, host=options.host, port=server.port, server=options.server_url)
            is_up.set()
            await ended.wait()
            log.info("stopping", grace_seconds=options.grace_seconds)

    task = asyncio.create_task(serving())

    def stop() -> None:
        ended.set()
        if not is_up.is_set():
            task.cancel()

    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop)
    with suppress(asyncio.CancelledError):
        await task


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry; returns the exit status."""
    parser = argparse.ArgumentParser(prog="carrel", description="Run a proxy or a gateway apart from the server.")
    parser.add_argument("kind", choices=("proxy", "gateway"))
    parser.add_argument("--server", required=True, metavar="URL", help="where the server answers")
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="the server's component token")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0: any")
    parser.add_argument("--grace", type=float, default=30.0, metavar="SECONDS", help="time to finish what is under way")
    asked = parser.parse_args(arguments)
    try:
        allow_many_sockets()
        configure_logs(load_settings(os.environ))
        token = token_from(os.environ, asked.token_file)
        options = Options(checked_url(asked.server), token, asked.host, asked.port, asked.grace)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(asked.kind, options))
    except Problem as problem:
        sys.stderr.write(f"carrel {asked.kind}: {problem}\nhint: {problem.document()['hint']}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
