"""The server in use, and the toolbox."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from pathlib import Path

from carrel.cli import local_server
from carrel.cli.calling import client_of
from carrel.cli.doctor.check import Check, fail, ok, warn
from carrel.cli.server_address import LocalServerDownError, NotConfiguredError, ServerAddress, find_server
from carrel.client.documents import Server
from carrel.client.ssh import SshWay
from carrel.core.problems import Problem

TOOLBOX_SECONDS = 60.0


def server_in_use() -> ServerAddress | Check:
    """The server that commands talk to, or what to say where there is none."""
    try:
        found = find_server()
    except LocalServerDownError:
        return ok("Server", "the local one, which does not run; `carrel up` starts it")
    except NotConfiguredError as error:
        return fail("Server", str(error), "`carrel login URL` stores an address and a token.")
    return found


def check_server(address: ServerAddress) -> list[Check]:
    """Whether it answers, knows the token, and can use its runtime."""

    async def ask() -> tuple[Server, SshWay]:
        async with client_of(address) as client:
            return await client.server(), await client.ssh.way()

    try:
        server, way = asyncio.run(ask())
    except Problem as problem:
        document = problem.document()
        return [fail("Server", f"{address.url}: {problem}", str(document["hint"]))]
    checks = [ok("Server", f"{server.version} at {address.url}, {server.database}")]
    runtime = server.runtime
    if runtime.problem:
        checks.append(fail("Server's runtime", runtime.problem, "See above, or the server's log."))
    checks += [warn("Server's runtime", notice, "See docs/guides.") for notice in runtime.notices]
    return [*checks, check_gateway(way)]


def check_gateway(way: SshWay) -> Check:
    """Whether there is a way in by SSH."""
    if way.problem:
        hint = "Set `gateway_port` to a free port, or to `off`; then restart the server."
        return warn("SSH gateway", way.problem, hint)
    if not way.enabled:
        return ok("SSH gateway", "none; `ssh NAME.carrel` works without (`carrel config-ssh`)")
    return ok("SSH gateway", f"{way.host} port {way.port}, {way.fingerprint}")


def check_toolbox(folder: Path) -> Check:
    """Whether this version's toolbox is built. Leaves no trace of the question where there is no data folder yet."""
    try:
        with tempfile.TemporaryDirectory() as nowhere:
            place = str(folder) if folder.exists() else nowhere
            shown = subprocess.run(
                [*local_server.command(), "--toolbox", "status"],
                env={**os.environ, "CARREL_DATA_DIR": place},
                capture_output=True,
                text=True,
                timeout=TOOLBOX_SECONDS,
                check=False,
            )
    except subprocess.TimeoutExpired:
        return warn("Toolbox", "nobody can say whether it is built", "`carrel toolbox status` may say why.")
    if shown.returncode == 0:
        return ok("Toolbox", shown.stdout.strip())
    hint = "`carrel toolbox build` builds it (about 2 minutes); else the first workspace does."
    return warn("Toolbox", "not built yet", hint)
