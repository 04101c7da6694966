"""Argon2id: what is stored, what is checked, and how many at a time."""

from __future__ import annotations

import asyncio
import threading

import pytest
from argon2 import PasswordHasher, Type

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.password_hashes import AT_ONCE, WAITING, PasswordHashes

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = Secret("purple walrus on a bicycle")


async def test_a_hash_is_argon2id_with_the_recommended_parameters_and_old_ones_are_told_apart() -> None:
    hashes = PasswordHashes()
    stored = await hashes.make(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await hashes.check(stored, PASSWORD)
    assert not hashes.is_old(stored)
    assert hashes.is_old(CHEAP.hash(PASSWORD.reveal()))


async def test_a_wrong_password_a_broken_hash_and_no_hash_are_wrong() -> None:
    hashes = PasswordHashes(CHEAP)
    stored = await hashes.make(PASSWORD)
    assert not await hashes.check(stored, Secret("another walrus on it"))
    assert not await hashes.check("$argon2id$broken", PASSWORD)
    assert not await hashes.check("", Secret("nobody's password"))


class Held(PasswordHasher):
    """Hashes when it is told to; counts who is at it."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1, type=Type.ID)
        self.go, self.lock = threading.Event(), threading.Lock()
        self.now = self.most = 0

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.go.wait(30)
        with self.lock:
            self.now -= 1
        return super().hash(password, salt=salt)


async def test_so_many_at_a_time_and_no_queue_without_end() -> None:
    hasher = Held()
    hashes = PasswordHashes(hasher)
    under_way = [asyncio.create_task(hashes.make(PASSWORD)) for _ in range(AT_ONCE + WAITING)]
    await asyncio.sleep(0)  # each of them begins
    with pytest.raises(Problem, match="Too many requests"):
        await hashes.make(PASSWORD)
    hasher.go.set()
    await asyncio.gather(*under_way)
    assert hasher.most <= AT_ONCE
    await hashes.make(PASSWORD)
