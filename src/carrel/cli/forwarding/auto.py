"""`carrel port-forward --auto`: what begins to listen is forwarded, as the attributes of the port say."""

from __future__ import annotations

import asyncio
import errno
from typing import TYPE_CHECKING

from carrel.cli.forwarding.forwarder import Forwarder
from carrel.cli.forwarding.wish import Wish
from carrel.cli.output import clean, note
from carrel.core.problems import Problem

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import Port

POLL_SECONDS = 1.5
LONGEST_POLL_SECONDS = 10.0
OPENS = frozenset({"openBrowser", "openBrowserOnce", "openPreview"})


class AutoForward:
    """Keeps what is forwarded in step with what listens."""

    def __init__(
        self, client: Client, workspace: str, forwarder: Forwarder, named: frozenset[Wish], *, opens: bool
    ) -> None:
        """`named`: what is forwarded anyway."""
        self._client = client
        self._workspace = workspace
        self._forwarder = forwarder
        self._named = {wish.port for wish in named if not wish.host}
        self._opens = opens
        self._opened: set[int] = set()
        self._refused: set[int] = set()
        self._active: dict[int, Wish] = {}
        self._away = ""

    async def run(self) -> None:
        """For ever. Raises what no waiting heals: the workspace is gone, the token is not valid."""
        pause = POLL_SECONDS
        while True:
            try:
                ports = await self._ports()
            except Problem as problem:
                if problem.kind not in {"unavailable", "internal", "agent_unreachable"}:
                    raise
                self._is_away(str(problem))
                pause = min(pause * 2, LONGEST_POLL_SECONDS)
            else:
                pause = POLL_SECONDS
                if ports is not None:
                    await self._follow(ports)
            await asyncio.sleep(pause)

    async def _ports(self) -> list[Port] | None:
        """What listens now; None while that is not known."""
        found = [port for port in await self._client.workspaces.ports(self._workspace) if port.listening]
        if not found:
            workspace = await self._client.workspaces.find(self._workspace)
            if workspace.phase != "running":
                self._is_away(f"{workspace.name} is {workspace.phase}.")
                return None
        if self._away:
            note("It is back.")
            self._away = ""
        return found

    def _is_away(self, why: str) -> None:
        if not self._away:
            note(f"{clean(why)} Waiting.")
        self._away = why

    async def _follow(self, ports: list[Port]) -> None:
        listening = {port.port for port in ports}
        for number in [number for number in self._active if number not in listening]:
            wish = self._active.pop(number)
            await self._forwarder.remove(wish)
            print(f"{wish}: listens no more.", flush=True)
        self._refused &= listening
        for port in ports:
            is_new = port.port not in self._active and port.port not in self._refused | self._named
            if is_new and port.on_auto_forward != "ignore":
                await self._begin(port)

    async def _begin(self, port: Port) -> None:
        wish = Wish(port.port, port.port)
        try:
            bound = self._forwarder.bind(wish, any_port=not port.require_local_port)
        except Problem as problem:
            self._refused.add(port.port)
            if port.on_auto_forward != "silent":
                privilege = " Run this command with the privilege it needs (sudo)." if _needs_privilege(problem) else ""
                note(f"{_title(port)} is not forwarded: it must be the same port here. {problem.detail}{privilege}")
            return
        address = await self._forwarder.add(wish, bound)
        self._active[port.port] = wish
        if port.on_auto_forward != "silent":
            print(f"{address} -> {_title(port)}", flush=True)
            if port.elevate_if_needed and not address.endswith(f":{port.port}"):
                note(f"Port {port.port} itself needs a privilege here: run this command with it (sudo).")
        if self._opens and port.on_auto_forward in OPENS:
            self._open(port, address)

    def _open(self, port: Port, address: str) -> None:
        from carrel.cli.opening import open_in_browser  # noqa: PLC0415  rarely needed

        if port.on_auto_forward == "openBrowserOnce" and port.port in self._opened:
            return
        self._opened.add(port.port)
        scheme = "https" if port.protocol == "https" else "http"
        open_in_browser(f"{scheme}://localhost:{address.rpartition(':')[2]}/")


def _needs_privilege(problem: Problem) -> bool:
    return isinstance(problem.__cause__, OSError) and problem.__cause__.errno in {errno.EACCES, errno.EPERM}


def _title(port: Port) -> str:
    """The port for people: number, label, process."""
    words = [f'"{port.label}"' if port.label else "", port.process and f"({port.process})", port.protocol]
    return clean(" ".join([str(port.port), *(word for word in words if word)]))
