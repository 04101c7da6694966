"""Control calls to an agent: what docs/reference/agent-protocol.md lists, as functions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, Final

from carrel.core.agent import AgentPlan, AgentStatus
from carrel.core.problems import Problem
from carrel.core.records import load
from carrel.links.control_channel import ControlChannel

REQUEST_SECONDS: Final = 30.0

Open = Callable[[Callable[[], ControlChannel]], Awaitable[ControlChannel]]


class Control:
    """Asks an agent to do things and hears its status. Requests share a channel, opened when first needed."""

    def __init__(self, open_channel: Open) -> None:
        self._open = open_channel
        self._shared: ControlChannel | None = None
        self._opening = asyncio.Lock()
        self._watches = 0

    @property
    def busy(self) -> bool:
        """Whether a request or a watch is under way."""
        return self._watches > 0 or (self._shared is not None and self._shared.busy)

    async def request(self, op: str, *, timeout_seconds: float = REQUEST_SECONDS, **arguments: Any) -> dict[str, Any]:
        """Ask for one operation; records among the arguments are dumped, the answer's members are JSON values.

        Raises:
            Problem: the agent's own, or `agent_unreachable`.
        """
        async with self._opening:
            if self._shared is None or self._shared.ended.is_set():
                self._shared = await self._open(ControlChannel)
            channel = self._shared
        return await channel.request(op, arguments, timeout_seconds)

    async def begin(self, operation: str, plan: AgentPlan) -> dict[str, Any]:
        """Have the plan of this start carried out, once for each `operation` id; `watch` tells the progress."""
        return await self.request("begin", operation=operation, plan=plan)

    async def status(self) -> AgentStatus:
        """The agent's ledger, now."""
        return _status(await self.request("status"))

    async def watch(self) -> AsyncGenerator[AgentStatus, None]:
        """The agent's ledger, now and after changes; a slow reader gets the latest and no backlog.

        Raises:
            Problem: `agent_unreachable` when the connection ends.
        """
        latest: Mapping[str, Any] | None = None
        changed = asyncio.Event()

        def on_event(message: Mapping[str, Any]) -> None:
            nonlocal latest
            if message.get("event") == "status":
                latest = message
                changed.set()

        self._watches += 1
        channel: ControlChannel | None = None
        try:
            channel = await self._open(lambda: ControlChannel(on_event))
            yield _status(await channel.request("watch", {}, REQUEST_SECONDS))
            while True:
                await _either(changed, channel.ended)
                changed.clear()
                if latest is None:
                    raise Problem("agent_unreachable", "The connection to the agent was lost.")
                message, latest = latest, None
                yield _status(message)
        finally:
            self._watches -= 1
            if channel is not None:
                channel.close()


async def _either(first: asyncio.Event, second: asyncio.Event) -> None:
    waiting = [asyncio.ensure_future(first.wait()), asyncio.ensure_future(second.wait())]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


def _status(members: Mapping[str, Any]) -> AgentStatus:
    try:
        return load(AgentStatus, members.get("status"))
    except (ValueError, TypeError) as error:
        raise Problem("agent_unreachable", f"The agent's status is not understood: {error}") from error
