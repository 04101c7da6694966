"""How an agent is reached: at its container's address where this machine has a route to it, else through the engine's exec."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from carrel.core.spec import AGENT_PORT, TOOLBOX_PATH, Endpoint
from carrel.runtimes.docker.command_line import candidates
from carrel.runtimes.docker.connection import Engine
from carrel.runtimes.docker.facts import address
from carrel.runtimes.docker.fence import without_right

_PATIENCE_SECONDS = 0.5
_BYTE_PIPE = (
    "import socket,sys,threading,os\n"
    f"s=socket.create_connection(('127.0.0.1',{AGENT_PORT}))\n"
    "def up():\n"
    "  while b:=os.read(0,65536): s.sendall(b)\n"
    "  s.shutdown(1)\n"
    "threading.Thread(target=up,daemon=True).start()\n"
    "while b:=s.recv(65536):\n"
    "  while b: b=b[os.write(1,b):]\n"
)
"""Runs inside the workspace: stdin and stdout of an exec, to the agent's port and back."""


class Endpoints:
    """Finds out once whether container addresses can be reached."""

    def __init__(self, engine: Engine, command_line: str) -> None:
        """Endpoints of `engine`; `command_line` is the docker CLI for the fallback."""
        self._engine = engine
        self._command_line = next(iter(candidates(command_line)), "docker")
        self._direct: bool | None = None

    async def of(self, primary: Mapping[str, Any], owner: Mapping[str, Any] | None = None) -> Endpoint | None:
        """The endpoint of a running primary container; None while it has no address.

        `owner` is the container whose network it is in, where that is another one.
        """
        host = address(owner or primary)
        if self._direct is None and host:
            self._direct = self._engine.is_local and await _has_route(host)
        if self._direct:
            return Endpoint("tcp", host, AGENT_PORT) if host else None
        return self.through_exec(str(primary["Id"]))

    def through_exec(self, container: str) -> Endpoint:
        """A byte pipe through the engine: slower, but it needs no route."""
        pipe = without_right([f"{TOOLBOX_PATH}/bin/python3", "-I", "-S", "-c", _BYTE_PIPE])
        argv = (self._command_line, "--host", self._engine.address, "exec", "--interactive", container, *pipe)
        return Endpoint("command", argv=argv)


async def _has_route(host: str) -> bool:
    """Whether anything answers there: a refused connection is an answer too."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            _, writer = await asyncio.open_connection(host, AGENT_PORT)
    except ConnectionRefusedError:
        return True
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
