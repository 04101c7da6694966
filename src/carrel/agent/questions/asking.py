"""Puts questions to the servers that listen: to the first one, and to the next where that one is silent or lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from carrel.core.problems import Problem, too_many_requests
from carrel.core.questions import Question

log = logging.getLogger("carrel.agent")

AT_ONCE = 64
"""Questions that may be open at a time."""

Ask = Callable[[Question, asyncio.Event], "asyncio.Future[Mapping[str, Any]]"]
"""Sends a question; the event is set when the server has taken it, the future is the answer, or fails with the listener."""


@dataclass(frozen=True)
class Patience:
    """How long what is waited for, in seconds."""

    taken: float = 2.0
    """A server that listens says at once that it has the question; one that does not is not there any more."""
    silent: float = 4.0
    """After this time without anybody who has taken it, the question is given back: a person waits."""
    answer: float = 20.0
    """From there on; the server may have to renew a token first."""


class Questions:
    """All listeners there are, and what is being asked."""

    def __init__(self, patience: Patience = Patience()) -> None:
        """Nobody listens yet."""
        self._patience = patience
        self._listeners: list[Ask] = []
        self._came = asyncio.Event()
        self._open = 0

    def attach(self, ask: Ask) -> Callable[[], None]:
        """A server listens from now on; what is returned says that it does no more."""
        self._listeners.append(ask)
        self._came.set()

        def leave() -> None:
            if ask in self._listeners:
                self._listeners.remove(ask)
            if not self._listeners:
                self._came.clear()

        return leave

    async def ask(self, question: Question) -> Mapping[str, Any]:
        """The answer of a server.

        Raises:
            Problem: the server's own; `unavailable` where none answers, `too_many_requests`.
        """
        if self._open >= AT_ONCE:
            raise too_many_requests("Too many questions are open in this workspace.", 1)
        self._open += 1
        try:
            return await self._ask_one_after_the_other(question)
        finally:
            self._open -= 1

    async def _ask_one_after_the_other(self, question: Question) -> Mapping[str, Any]:
        """Ask the next one when the last one is silent; one that was only slow may still answer."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._patience.silent
        asked: dict[Ask, _Asked] = {}
        try:
            while loop.time() < until:
                listener = next((one for one in self._listeners if one not in asked), None)
                if listener is not None:
                    asked[listener] = _Asked(listener, question)
                patience = self._patience.taken if self._another_than(asked) else self._patience.silent
                await self._news(asked.values(), min(patience, until - loop.time()))
                for one in [one for one in asked.values() if one.is_taken()]:
                    with suppress(ConnectionError):  # lost while it answered: the next one is asked
                        return await self._answer(one)
            log.warning("question_not_taken operation=%s", question.operation)
            raise Problem("unavailable", "Carrel's server does not answer the workspace.", "Try again in a moment.")
        finally:
            for one in asked.values():
                one.end()

    def _another_than(self, asked: Mapping[Ask, _Asked]) -> bool:
        return any(one not in asked for one in self._listeners)

    async def _news(self, asked: Iterable[_Asked], seconds: float) -> None:
        """Until one has taken the question, one is lost, or one that was not asked has come."""
        self._came.clear()
        coming = asyncio.ensure_future(self._came.wait())
        try:
            waiting = {one.news() for one in asked if not one.is_lost()}
            await asyncio.wait({coming, *waiting}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            coming.cancel()

    async def _answer(self, one: _Asked) -> Mapping[str, Any]:
        try:
            async with asyncio.timeout(self._patience.answer):
                return await one.answer
        except TimeoutError:
            raise Problem("unavailable", "Carrel's server took too long to answer.", "Try again.") from None


class _Asked:
    """One listener that has the question, and what came of it."""

    def __init__(self, listener: Ask, question: Question) -> None:
        """Ask it."""
        self._taken = asyncio.Event()
        self.answer = listener(question, self._taken)
        self._news = asyncio.ensure_future(self._taken.wait())
        self.answer.add_done_callback(lambda _: self._news.cancel())

    def is_lost(self) -> bool:
        """Whether it went away without an answer."""
        return self.answer.done() and not self.is_taken()

    def is_taken(self) -> bool:
        """Whether it has said that it has the question, or has answered it."""
        if not self.answer.done() or self.answer.cancelled():
            return self._taken.is_set()
        return not isinstance(self.answer.exception(), ConnectionError)

    def news(self) -> asyncio.Future[Any]:
        """Done when it has taken the question, or is lost."""
        return self._news

    def end(self) -> None:
        """No answer is awaited any more."""
        self.answer.cancel()
        self._news.cancel()
