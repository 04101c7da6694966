"""`carrel ssh-certificate`: a fresh certificate for this device; quick where the one that is there still lasts."""

from __future__ import annotations

import sys
from datetime import datetime

from carrel.cli.server_address import NotConfiguredError, ServerAddress, find_server
from carrel.cli.ssh_setup import device


def run_quickly() -> int | None:
    """0 where nothing has to be done; None: the long way. The short way: standard library only."""
    try:
        server = find_server()
    except NotConfiguredError:
        return None
    return 0 if device.is_fresh(server.url) else None


def ssh_certificate() -> None:
    """Get an SSH certificate for this device, unless the one that it has lasts for a while.

    `carrel config-ssh` has OpenSSH's client run this before it connects to the gateway.
    """
    from carrel.cli.calling import server_address  # noqa: PLC0415  the long way

    certify_device(server_address())


def certify_device(server: ServerAddress) -> None:
    """Get a certificate of this server. Raises `not_allowed`, `unavailable` ..., `bad_value`."""
    import asyncio  # noqa: PLC0415

    from carrel.cli.calling import client_of  # noqa: PLC0415

    def certify(public_key: str) -> tuple[str, datetime]:
        async def ask() -> tuple[str, datetime]:
            async with client_of(server) as client:
                issued = await client.ssh.certify(public_key)
                return issued.certificate, issued.expires_at

        return asyncio.run(ask())

    device.renew(server.url, certify)


def certify_if_possible(server: ServerAddress) -> None:
    """The same after signing in: a server that issues none is no failure."""
    from carrel.core.problems import Problem  # noqa: PLC0415

    try:
        certify_device(server)
    except Problem as problem:
        if problem.kind not in {"not_allowed", "not_found"}:
            print(f"warning: no SSH certificate: {problem}", file=sys.stderr)
    except OSError as error:
        print(f"warning: no SSH certificate: {error}", file=sys.stderr)
