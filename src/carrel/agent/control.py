"""The subsystem `carrel-control`: newline-delimited JSON requests, answers and events over one session channel."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any

from carrel.agent.operations import OPERATIONS
from carrel.agent.session import Channel
from carrel.agent.workspace import Workspace
from carrel.core.lines import Lines, line_of
from carrel.core.problems import Problem
from carrel.core.records import dump

log = logging.getLogger("carrel.agent")

LINE_LIMIT = 16 << 20
"""Bytes of one request; a plan with many features is about 100 kB."""
DEBOUNCE_SECONDS = 0.05
"""Changes within this time are told in one event."""


class Control:
    """Answers requests until the channel ends; a `Work`."""

    def __init__(self, workspace: Workspace, channel: Channel) -> None:
        """Serve `workspace` on `channel`."""
        self._workspace = workspace
        self._channel = channel
        self._lines = Lines(LINE_LIMIT)
        self._tasks: set[asyncio.Task[None]] = set()
        self._watch: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._over = asyncio.Event()

    async def run(self) -> None:
        """Wait for the end of input or of the channel."""
        await self._over.wait()
        if self._watch is not None:
            self._watch.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._channel.exit(0)

    def received(self, data: bytes) -> None:
        """Split into lines; each is answered in its own task, so that a slow one holds up none."""
        for line in self._lines.feed(data):
            if line.strip():
                self._start(line)
        if self._lines.is_too_long:
            self._channel.exit(1)

    def _start(self, line: bytes) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(line))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, line: bytes) -> None:
        request_id: Any = None
        try:
            request = _parse(line)
            request_id = request.get("id")
            outcome = {"ok": await self._perform(request)}
        except Problem as problem:
            outcome = {"problem": problem.document()}
        except Exception as error:
            log.exception("operation_failed")
            failure = Problem("internal", f"{type(error).__name__} in the agent; its log has the details.")
            outcome = {"problem": failure.document()}
        await self._send({"id": request_id} | outcome)

    async def _perform(self, request: Mapping[str, Any]) -> dict[str, Any]:
        operation = OPERATIONS.get(str(request.get("op")))
        if operation is None:
            raise Problem("malformed_request", f"The agent has no operation {request.get('op')!r}.")
        try:
            arguments = operation.read(request)
        except (ValueError, TypeError) as error:
            raise Problem("malformed_request", f"{operation.name}: {error}") from error
        before = self._workspace.changes.count, self._workspace.news()
        answer = await operation.perform(self._workspace, arguments)
        if operation.name == "watch" and self._watch is None:
            self._watch = asyncio.get_running_loop().create_task(self._tell_changes(*before))
        return answer

    async def _tell_changes(self, count: int, last: Any) -> None:
        """Tell what changes from `last` on, which was the news before the answer was made: nothing is missed."""
        workspace = self._workspace
        with workspace.watched():
            while True:
                count = await workspace.changes.after(count)
                await asyncio.sleep(DEBOUNCE_SECONDS)
                count, news = workspace.changes.count, workspace.news()
                if news != last:
                    last = news
                    await self._send({"event": "status", "status": dump(await workspace.status())})

    async def _send(self, message: dict[str, Any]) -> None:
        await self._writable.wait()
        if not self._channel.is_closing():
            self._channel.write(line_of(message))

    def ended_input(self) -> None:
        """What was asked is still answered."""
        self._over.set()

    def resized(self, _cols: int, _rows: int) -> None:
        """Not a terminal."""

    def signalled(self, _name: str) -> None:
        """Not a process."""

    def paused(self) -> None:
        """Write no more for now."""
        self._writable.clear()

    def resumed(self) -> None:
        """Write again."""
        self._writable.set()

    def lost(self) -> None:
        """Stop."""
        for task in self._tasks:
            task.cancel()
        self._over.set()


def _parse(line: bytes) -> Mapping[str, Any]:
    try:
        request = json.loads(line)
    except ValueError as error:
        raise Problem("malformed_request", f"A request is one JSON object on one line: {error}") from error
    if not isinstance(request, dict):
        raise Problem("malformed_request", "A request is a JSON object.")
    return request
