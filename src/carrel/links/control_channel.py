"""One open `carrel-control` subsystem: newline-delimited JSON, bounded, requests answered in any order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import asyncssh

from carrel.core.lines import Lines, line_of
from carrel.core.problems import PROBLEMS, Problem
from carrel.core.records import dump

LONGEST_LINE_BYTES: Final = 4 * 1024 * 1024
"""A workspace is not trusted: what it says is bounded."""
_LONGEST_WORDS: Final = 2000


class ControlChannel(asyncssh.SSHClientSession[bytes]):
    """Sends requests and matches their answers; `on_event` gets what comes without having been asked for."""

    def __init__(self, on_event: Callable[[Mapping[str, Any]], None] | None = None) -> None:
        self._on_event = on_event
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._lines = Lines(LONGEST_LINE_BYTES)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._number = 0
        self.ended = asyncio.Event()

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return bool(self._waiting)

    async def request(self, op: str, arguments: Mapping[str, Any], timeout_seconds: float) -> dict[str, Any]:
        """Ask and wait for the answer.

        Raises:
            Problem: the agent's own, or `agent_unreachable`.
        """
        if self._channel is None or self.ended.is_set():
            raise _lost()
        self._number += 1
        number = self._number
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        message = {"id": number, "op": op, **{name: dump(value) for name, value in arguments.items()}}
        try:
            self._channel.write(line_of(message))
            async with asyncio.timeout(timeout_seconds):
                return await answer
        except TimeoutError:
            raise Problem("agent_unreachable", f"The agent did not answer `{op}` in time.") from None
        finally:
            del self._waiting[number]

    def close(self) -> None:
        """End the channel; what waits for an answer fails."""
        if self._channel is not None:
            self._channel.abort()
        self._end()

    # --- called by asyncssh --------------------------------------------------------------------------------------

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        """Keep the channel."""
        self._channel = chan

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Take every whole line; a line that is too long ends the channel."""
        if datatype is not None:
            return
        for line in self._lines.feed(data):
            self._take(line)
        if self._lines.is_too_long:
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncssh's signature
        """No answers come any more."""
        self._end()

    def _end(self) -> None:
        self.ended.set()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(_lost())

    def _take(self, line: bytes) -> None:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            return
        if not isinstance(message, dict):
            return
        if "event" in message:
            if self._on_event is not None:
                self._on_event(message)
            return
        number = message.get("id")
        answer = self._waiting.get(number) if isinstance(number, int) else None
        if answer is None or answer.done():
            return
        if "problem" in message:
            answer.set_exception(_problem(message["problem"]))
        else:
            result = message.get("ok")
            answer.set_result(result if isinstance(result, dict) else {})


def _lost() -> Problem:
    return Problem("agent_unreachable", "The connection to the agent was lost.")


def _problem(document: Any) -> Problem:
    """The agent's problem, where it is of a kind that we know."""
    members = document if isinstance(document, dict) else {}
    kind, detail, hint = (str(members.get(name) or "")[:_LONGEST_WORDS] for name in ("kind", "detail", "hint"))
    if kind not in PROBLEMS:
        return Problem("internal", f"The agent reports a problem of another version: {kind} {detail}")
    return Problem(kind, detail, hint)
