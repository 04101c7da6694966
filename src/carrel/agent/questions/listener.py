"""The subsystem `carrel-questions`: one server that listens; newline-delimited JSON, questions out, answers in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from carrel.agent.questions.asking import Questions
from carrel.agent.session import Channel
from carrel.core.lines import Lines, line_of
from carrel.core.problems import PROBLEMS, Problem
from carrel.core.questions import Question
from carrel.core.records import dump

LINE_LIMIT = 1 << 20


class Listener:
    """Sends questions and matches their answers until the channel ends; a `Work`."""

    def __init__(self, questions: Questions, channel: Channel) -> None:
        """Listen to `questions` on `channel`."""
        self._questions = questions
        self._channel = channel
        self._lines = Lines(LINE_LIMIT)
        self._number = 0
        self._waiting: dict[int, tuple[asyncio.Event, asyncio.Future[Mapping[str, Any]]]] = {}
        self._over = asyncio.Event()

    async def run(self) -> None:
        """Until the end of input or of the channel; whoever waits for an answer asks another server."""
        leave = self._questions.attach(self._ask)
        try:
            await self._over.wait()
        finally:
            leave()
            for _, answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(ConnectionResetError("the server is gone"))
        self._channel.exit(0)

    def _ask(self, question: Question, taken: asyncio.Event) -> asyncio.Future[Mapping[str, Any]]:
        answer: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        if self._over.is_set() or self._channel.is_closing():
            answer.set_exception(ConnectionResetError("the server is gone"))
            return answer
        self._number += 1
        number = self._number
        self._waiting[number] = taken, answer
        answer.add_done_callback(lambda _: self._waiting.pop(number, None))
        message = {"id": number, "question": dump(question)}
        self._channel.write(line_of(message))
        return answer

    def received(self, data: bytes) -> None:
        """Take every whole line."""
        for line in self._lines.feed(data):
            with suppress(ValueError):
                self._take(json.loads(line))
        if self._lines.is_too_long:
            self._over.set()

    def _take(self, message: Any) -> None:
        if not isinstance(message, dict) or message.get("id") not in self._waiting:
            return
        taken, answer = self._waiting[message["id"]]
        if "taken" in message:
            taken.set()
        elif answer.done():
            return
        elif isinstance(message.get("ok"), dict):
            answer.set_result(message["ok"])
        else:
            answer.set_exception(_problem(message.get("problem")))

    def ended_input(self) -> None:
        """The server listens no more."""
        self._over.set()

    def resized(self, _cols: int, _rows: int) -> None:
        """Not a terminal."""

    def signalled(self, _name: str) -> None:
        """Not a process."""

    def paused(self) -> None:
        """Questions are small and few."""

    def resumed(self) -> None:
        """Go on."""

    def lost(self) -> None:
        """The link is gone."""
        self._over.set()


def _problem(document: Any) -> Problem:
    """The server's problem; of another version's kinds its words are kept."""
    members = document if isinstance(document, dict) else {}
    kind, detail, hint = (str(members.get(name) or "") for name in ("kind", "detail", "hint"))
    return Problem(kind if kind in PROBLEMS else "internal", detail, hint)
