"""Questions go to the first server that listens, and on to the next one; nobody waits long."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from carrel.agent.questions.asking import AT_ONCE, Patience, Questions
from carrel.core.problems import Problem
from carrel.core.questions import Question

QUESTION = Question("op", "git_credential", protocol="https", host="git.example")
BRIEF = Patience(taken=0.02, silent=0.05, answer=0.02)
LONG = Patience(taken=30, silent=60, answer=30)


class Server:
    """One that listens, and does with a question what it was made for."""

    def __init__(self, does: str = "answers") -> None:
        self.does = does
        self.asked: list[Question] = []
        self.late: list[asyncio.Future[Mapping[str, Any]]] = []

    def __call__(self, question: Question, taken: asyncio.Event) -> asyncio.Future[Mapping[str, Any]]:
        answer: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self.asked.append(question)
        if self.does == "is slow":
            self.late.append(answer)
        if self.does in {"answers", "refuses", "takes"}:
            taken.set()
        if self.does == "answers":
            answer.set_result({"by": id(self)})
        elif self.does == "refuses":
            answer.set_exception(Problem("not_found", "no"))
        elif self.does == "is lost later":
            taken.set()
            asyncio.get_running_loop().call_soon(answer.set_exception, ConnectionResetError())
        elif self.does == "is lost":
            answer.set_exception(ConnectionResetError())
        return answer


async def test_the_first_that_listens_answers() -> None:
    questions, first, second = Questions(LONG), Server(), Server()
    questions.attach(first)
    questions.attach(second)
    assert await questions.ask(QUESTION) == {"by": id(first)}
    assert second.asked == []


@pytest.mark.parametrize("does", ["is silent", "is lost", "is lost later"])
async def test_another_is_asked_the_same_where_the_first_does_not_take_it(does: str) -> None:
    questions, first, second = Questions(Patience(0.01, 30, 30)), Server(does), Server()
    questions.attach(first)
    questions.attach(second)
    assert await questions.ask(QUESTION) == {"by": id(second)}
    assert first.asked == second.asked == [QUESTION]


async def test_one_that_comes_meanwhile_is_asked() -> None:
    questions, late = Questions(LONG), Server()
    asking = asyncio.create_task(questions.ask(QUESTION))
    await asyncio.sleep(0)
    questions.attach(late)
    assert await asking == {"by": id(late)}


async def test_one_that_is_only_slow_still_answers() -> None:
    questions, slow = Questions(Patience(taken=0, silent=30, answer=30)), Server("is slow")
    questions.attach(slow)
    questions.attach(Server("is silent"))
    asking = asyncio.create_task(questions.ask(QUESTION))
    while len(slow.late) < 1:
        await asyncio.sleep(0)
    slow.late[0].set_result({"by": id(slow)})
    assert await asking == {"by": id(slow)}


async def test_who_has_left_is_not_asked() -> None:
    questions, gone, here = Questions(LONG), Server(), Server()
    leave = questions.attach(gone)
    questions.attach(here)
    leave()
    leave()
    assert await questions.ask(QUESTION) == {"by": id(here)}


async def test_a_servers_problem_is_the_answer() -> None:
    questions, second = Questions(LONG), Server()
    questions.attach(Server("refuses"))
    questions.attach(second)
    with pytest.raises(Problem, match="no"):
        await questions.ask(QUESTION)
    assert second.asked == []


@pytest.mark.parametrize(
    ("servers", "words"), [([], "does not answer"), (["is silent"], "does not answer"), (["takes"], "too long")]
)
async def test_nobody_waits_for_ever(servers: list[str], words: str) -> None:
    questions = Questions(BRIEF)
    for does in servers:
        questions.attach(Server(does))
    with pytest.raises(Problem, match=words) as raised:
        await questions.ask(QUESTION)
    assert raised.value.kind == "unavailable"


async def test_too_many_at_a_time_are_refused() -> None:
    questions = Questions(LONG)
    asking = [asyncio.create_task(questions.ask(QUESTION)) for _ in range(AT_ONCE)]
    await asyncio.sleep(0)
    with pytest.raises(Problem, match="open"):
        await questions.ask(QUESTION)
    questions.attach(Server())
    assert len(await asyncio.gather(*asking)) == AT_ONCE
    assert await questions.ask(QUESTION)
