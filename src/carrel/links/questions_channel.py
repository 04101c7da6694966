"""One open `carrel-questions` subsystem: what the workspace asks, answered in any order; bounded, for it is not trusted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import asyncssh
import structlog

from carrel.core.lines import Lines, line_of
from carrel.core.problems import Problem, too_many_requests
from carrel.core.questions import Question
from carrel.core.records import dump, load

LONGEST_LINE_BYTES: Final = 256 * 1024
"""More than a question of the 64 KiB that the agent takes becomes when all of it has to be escaped."""
AT_ONCE: Final = 64
"""Questions of one workspace that are being answered; more are refused."""

Reply = Callable[[Question], Awaitable[object]]
"""Makes the answer, a record; raises Problem."""

log = structlog.get_logger(__name__)


class QuestionsChannel(asyncssh.SSHClientSession[bytes]):
    """Hears questions, says at once that it has them, and then the answer."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._lines = Lines(LONGEST_LINE_BYTES)
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        """Keep the channel."""
        self._channel = chan

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Take every whole line; one that is too long ends the channel."""
        if datatype is not None:
            return
        for line in self._lines.feed(data):
            self._take(line)
        if self._lines.is_too_long and self._channel is not None:
            self._channel.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncssh's signature
        """Nobody waits for the answers any more."""
        for task in self._tasks:
            task.cancel()

    def _take(self, line: bytes) -> None:
        try:
            message = json.loads(line)
            number = message["id"]
        except (ValueError, RecursionError, TypeError, KeyError):
            return
        if not isinstance(number, int):
            return
        if len(self._tasks) >= AT_ONCE:
            busy = too_many_requests("The workspace asks too much at a time.", 1)
            self._say({"id": number, "problem": busy.document()})
            return
        self._say({"id": number, "taken": True})
        task = asyncio.get_running_loop().create_task(self._answer(number, message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, number: int, message: Mapping[str, Any]) -> None:
        try:
            question = load(Question, message.get("question"))
            outcome = {"ok": dump(await self._reply(question))}
        except (ValueError, TypeError):
            outcome = {"problem": Problem("malformed_request", "The server does not know such a question.").document()}
        except Problem as problem:
            outcome = {"problem": problem.document()}
        except Exception:
            log.exception("question_failed")
            outcome = {
                "problem": Problem("internal", "The server could not answer; its log has the details.").document()
            }
        self._say({"id": number, **outcome})

    def _say(self, message: Mapping[str, Any]) -> None:
        if self._channel is not None and not self._channel.is_closing():
            self._channel.write(line_of(message))
