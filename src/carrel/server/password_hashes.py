"""Argon2id hashes of passwords: so many at a time and no more, in threads, so that signing in is no way to stop a server."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from carrel.core.problems import too_many_requests
from carrel.core.secret import Secret

AT_ONCE = 2
"""Each takes 64 MiB and up to four cores."""
WAITING = 16
"""Who comes after so many is asked to come again: memory and patience are bounded."""
WAIT_SECONDS = 3
"""So long those who wait take, about."""


class PasswordHashes:
    """Makes and checks hashes. The parameters are RFC 9106's second recommendation: 64 MiB, three passes, four lanes."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """With these parameters; None: the recommended ones."""
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._threads = ThreadPoolExecutor(AT_ONCE, "argon2")
        self._under_way = 0

    async def make(self, password: Secret) -> str:
        """The hash of a password, with its salt and parameters. Raises `too_many_requests`."""
        return await self._run(password)

    async def check(self, stored: str, password: Secret) -> bool:
        """Whether the password is the one; an empty hash takes as long and is nobody's. Raises `too_many_requests`."""
        nobodys = await self._nobodys()  # made for everybody's first one alike
        return await self._run(password, stored or nobodys) == "yes" and bool(stored)

    def is_old(self, stored: str) -> bool:
        """Whether it was made with other parameters than are recommended now."""
        return self._hasher.check_needs_rehash(stored)

    async def _nobodys(self) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: self._dummy)

    @cached_property
    def _dummy(self) -> str:
        return self._hasher.hash("nobody's password")

    async def _run(self, password: Secret, stored: str | None = None) -> str:
        if self._under_way >= AT_ONCE + WAITING:
            raise too_many_requests("Many sign in just now.", WAIT_SECONDS)
        self._under_way += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._work, password, stored)
        finally:
            self._under_way -= 1

    def _work(self, password: Secret, stored: str | None) -> str:
        if stored is None:
            return self._hasher.hash(password.reveal())
        try:
            self._hasher.verify(stored, password.reveal())
        except (VerificationError, InvalidHashError):
            return "no"
        return "yes"
