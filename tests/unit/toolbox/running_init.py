"""The real init as PID 1 of a process namespace of its own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PATIENCE_SECONDS = 10.0


@dataclass
class RunningInit:
    """An init with pipes for what its processes print."""

    process: asyncio.subprocess.Process
    """`unshare`, the parent of PID 1; ends with its status."""
    pid: int
    """PID 1, as this machine counts."""

    async def line(self) -> str:
        """The next line that any process printed."""
        assert self.process.stdout
        text = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE_SECONDS)
        return text.decode().rstrip("\n")

    async def complaint(self) -> str:
        """The next line on stderr, where init itself speaks."""
        assert self.process.stderr
        text = await asyncio.wait_for(self.process.stderr.readline(), PATIENCE_SECONDS)
        return text.decode().rstrip("\n")

    def signal(self, number: int) -> None:
        """Signal PID 1."""
        os.kill(self.pid, number)

    async def status(self) -> int:
        """Wait for the end; PID 1's exit status."""
        return await asyncio.wait_for(self.process.wait(), PATIENCE_SECONDS)


StartPid1 = Callable[..., Awaitable[RunningInit]]
"""The arguments of init; `network=True`: in a network of its own."""
StartInit = Callable[..., Awaitable[RunningInit]]
"""Agent as a shell script, then `key=value` entries of the record; `network` as above."""


async def start_as_pid_1(argv: list[str], *namespaces: str) -> RunningInit:
    """Run `argv` as PID 1 of a new namespace, with its own /proc; and in further namespaces (`--net`)."""
    ours = [*namespaces] if os.geteuid() == 0 else ["--user", "--map-root-user", *namespaces]
    process = await asyncio.create_subprocess_exec(
        *["unshare", *ours, "--pid", "--fork", "--kill-child", "--mount-proc", *argv],
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    pid = 0
    async with asyncio.timeout(PATIENCE_SECONDS):
        while process.returncode is None and not pid:
            pid = _child_of(process.pid)
            await asyncio.sleep(0.001)
    return RunningInit(process, pid)


def _child_of(parent: int) -> int:
    """The child that runs something else than its parent; 0: there is none yet."""
    for entry in Path("/proc").iterdir():
        with suppress(OSError):  # it ended meanwhile
            if (
                entry.name.isdigit()
                and _parent(entry) == parent
                and not (entry / "exe").samefile(f"/proc/{parent}/exe")
            ):
                return int(entry.name)
    return 0


def _parent(entry: Path) -> int:
    return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
