"""Puts questions to the servers that listen: to the first one, and to the next where that one is silent or lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from carrel.core.problems import Problem
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
            raise Problem("too_many_requests", "Too many questions are open in this workspace.")
        self._open += 1
        try:
            return await self._ask_one_after_the_other(question)
        finally:
            self._open -= 1

    async def _ask_one_after_the_other(self, question: Question) -> Mapping[str, Any]:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._patience.silent
        asked: list[Ask] = []
        while loop.time() < until:
            listener = next((one for one in self._listeners if one not in asked), None)
            if listener is None:
                if await self._another(until - loop.time()):
                    continue
                break
            asked.append(listener)
            try:
                return await self._of_one(listener, question, until - loop.time())
            except (ConnectionError, TimeoutError):
                log.warning("question_not_taken operation=%s", question.operation)
        raise Problem("unavailable", "Carrel's server does not answer the workspace.", "Try again in a moment.")

    async def _another(self, seconds: float) -> bool:
        """Wait until somebody listens who was not asked yet."""
        self._came.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._came.wait()
        except TimeoutError:
            return False
        return True

    async def _of_one(self, listener: Ask, question: Question, seconds: float) -> Mapping[str, Any]:
        """Ask one listener. Raises ConnectionError, TimeoutError, Problem."""
        taken = asyncio.Event()
        answer = listener(question, taken)
        waiting = asyncio.ensure_future(taken.wait())
        both: set[asyncio.Future[Any]] = {answer, waiting}
        try:
            await asyncio.wait(both, timeout=min(seconds, self._patience.taken), return_when=asyncio.FIRST_COMPLETED)
            if taken.is_set() or answer.done():
                async with asyncio.timeout(self._patience.answer):
                    return await answer
        except TimeoutError:
            raise Problem("unavailable", "Carrel's server took too long to answer.", "Try again.") from None
        finally:
            waiting.cancel()
            answer.cancel()
        raise TimeoutError("the server did not take the question")
