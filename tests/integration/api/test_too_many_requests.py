"""Who is sent away because of too many attempts reads when to come again: in the header, and in the document."""

from __future__ import annotations

import httpx
import pytest
from tests.integration.api.conftest import Client, Running, signed_in

from carrel.core.access import Actor
from carrel.core.passwords import FREE_FAILURES
from carrel.core.secret import Secret
from carrel.server.api.attempts import A_MINUTE
from carrel.server.store import passwords


@pytest.fixture
def database_url(sqlite_url: Secret) -> Secret:
    """One is enough: nothing here is the database's."""
    return sqlite_url


def seconds(answer: httpx.Response) -> int:
    """Of `Retry-After`, which is what the document says."""
    assert answer.status_code == 429, answer.text
    assert answer.headers["Retry-After"] == str(answer.json()["retry_after"])
    return int(answer.headers["Retry-After"])


async def test_an_address_that_failed_too_often(running: Running, nobody: Client) -> None:
    for _ in range(A_MINUTE):
        running.parts.attempts.failed("127.0.0.1")
    body = {"name": "ben", "password": "wrong"}
    answer = await nobody.post("/api/v1/session/password", json=body, headers={"Origin": running.url})
    assert 1 <= seconds(answer) <= 60


async def test_a_password_that_is_locked(running: Running, ben: Actor) -> None:
    async with running.parts.store.writing() as session:
        await passwords.put(session, ben.user_id, "hash")
        for _ in range(FREE_FAILURES + 3):
            await passwords.record_failure(session, ben.user_id)
    async with signed_in(running, ben) as client:
        answer = await client.put("/api/v1/me/password", json={"old": "x", "new": "y"})
    assert seconds(answer) > 1
