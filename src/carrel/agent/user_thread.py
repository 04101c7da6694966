"""A thread that sees and touches files as the remote user."""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from carrel.agent.users import RemoteUser

T = TypeVar("T")


class UserThread:
    """Runs functions in one thread that has the user's file-system identity (setfsuid), which no other thread shares.

    What it creates belongs to the user, and it may go no further than the user may: a link that the user planted leads
    nowhere new. It may also read /proc/PID/fd of the user's processes, which root without CAP_SYS_PTRACE may not.
    """

    def __init__(self, user: RemoteUser) -> None:
        """Be `user`; a process that is not root, or a user that is, changes nothing."""
        self.identity = user
        changes = user.is_switch() and user.uid != 0
        become = partial(_become, user.uid, user.gid) if changes else None
        self._executor = ThreadPoolExecutor(1, "carrel-user", initializer=become)

    async def call(self, what: Callable[..., T], *arguments: object) -> T:
        """`what(*arguments)`, there."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, what, *arguments)


def _become(uid: int, gid: int) -> None:
    libc = ctypes.CDLL(None)
    libc.setfsgid(gid)
    libc.setfsuid(uid)
    # Both return the former value and never fail aloud: asking with an impossible id tells what is.
    if libc.setfsuid(-1) != uid or libc.setfsgid(-1) != gid:
        raise PermissionError(f"cannot become user {uid} in a thread")
