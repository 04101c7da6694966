"""Whether the files that the environment was made from are still what they were."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence

from carrel.agent.user_thread import UserThread
from carrel.core.agent import ConfigurationFile

MAX_BYTES = 8 << 20
"""As runtimes read them."""
Signature = tuple[int, int, int]


class ConfigurationWatch:
    """Looks at the files; one that has not been touched since the last look is not read again."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self.changed: tuple[str, ...] = ()
        """Paths in the repository."""
        self._seen: dict[str, tuple[Signature, str]] = {}

    async def look(self, files: Sequence[ConfigurationFile], user: UserThread | None) -> bool:
        """Look, as the user: a link goes no further than the user may. Whether anything is new."""
        if user is None:
            return False
        before, self.changed = self.changed, await user.call(self._changed, files)
        return self.changed != before

    def _changed(self, files: Sequence[ConfigurationFile]) -> tuple[str, ...]:
        return tuple(one.name for one in files if self._digest(one.place) not in one.digests)

    def _digest(self, place: str) -> str:
        """Of a regular file; empty: there is none."""
        try:
            descriptor = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return ""
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return ""
            signature = (status.st_ino, status.st_size, status.st_mtime_ns)
            known = self._seen.get(place)
            if known is None or known[0] != signature:
                with os.fdopen(descriptor, "rb", closefd=False) as file:
                    known = (signature, hashlib.sha256(file.read(MAX_BYTES)).hexdigest())
                self._seen[place] = known
            return known[1]
        except OSError:
            return ""
        finally:
            os.close(descriptor)
