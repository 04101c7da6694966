"""Server-sent events: the wire, and resuming."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.client import sse
from carrel.client.connection import Connection
from carrel.core.problems import Problem
from carrel.core.secret import Secret


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def parsed(*chunks: bytes) -> list[sse.Message]:
    return [message async for message in sse.messages(pieces(*chunks))]


async def test_a_message_has_its_data_and_the_last_id() -> None:
    assert await parsed(b"id: 1\ndata: a\n\ndata: b\r\n\r\n") == [sse.Message("a", id="1"), sse.Message("b", id="1")]


async def test_comments_and_times_to_retry_are_no_messages() -> None:
    assert await parsed(b": still here\n\nretry: 1000\n\n") == []


async def test_several_data_lines_are_one_text() -> None:
    assert await parsed(b"event: log\ndata: a\ndata:b\n\n") == [sse.Message("a\nb", "log")]


async def test_what_was_not_ended_is_dropped() -> None:
    assert await parsed(b"data: a\n\ndata: b\n") == [sse.Message("a")]


@given(st.lists(st.text(alphabet="abc é", max_size=8), max_size=5), st.lists(st.integers(1, 7), max_size=9))
async def test_it_does_not_matter_where_the_network_cuts(texts: list[str], cuts: list[int]) -> None:
    wire = "".join(f"data: {text}\n\n" for text in texts).encode()
    chunks, rest = [], wire
    for cut in cuts:
        chunks.append(rest[:cut])
        rest = rest[cut:]
    assert [message.data for message in await parsed(*chunks, rest)] == texts


class Streams(httpx.AsyncBaseTransport):
    """Answers one stream after the other; notes what was asked for."""

    def __init__(self, answers: Sequence[bytes | int | None]) -> None:
        self._answers = list(answers)
        self.resumed_after: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.resumed_after.append(request.headers.get("last-event-id", ""))
        answer = self._answers.pop(0)
        if answer is None:
            raise httpx.ConnectError("refused")
        if isinstance(answer, int):
            return httpx.Response(answer, json={"kind": "not_found", "title": "There is no such thing"})
        return httpx.Response(200, content=answer, headers={"Content-Type": "text/event-stream"})


async def followed(monkeypatch: pytest.MonkeyPatch, *answers: bytes | int | None) -> tuple[list[str], list[str]]:
    monkeypatch.setattr(sse, "PAUSE_SECONDS", (0.0,))
    transport = Streams(answers)
    connection = Connection("http://127.0.0.1:1", Secret("t"), transport)
    async with aclosing(sse.follow(connection, "/events")) as messages:
        data = [message.data async for message in messages]
    return data, transport.resumed_after


async def test_a_stream_that_breaks_is_resumed_after_its_last_message(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = (b"id: 4\ndata: a\n\nid: 5\ndata: b\n\ndata: ha", None, b"id: 6\ndata: c\n\nevent: end\ndata:\n\n")
    assert await followed(monkeypatch, *answers) == (["a", "b", "c"], ["", "5", "5"])


async def test_a_server_that_never_answered_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Problem, match="does not answer"):
        await followed(monkeypatch, None)


async def test_a_server_that_stays_away_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "PATIENCE_SECONDS", 0.0)
    with pytest.raises(Problem) as raised:
        await followed(monkeypatch, b"id: 1\ndata: a\n\n", None, None)
    assert raised.value.kind == "unavailable"


async def test_a_refusal_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Problem) as raised:
        await followed(monkeypatch, b"id: 1\ndata: a\n\n", 404)
    assert raised.value.kind == "not_found"
