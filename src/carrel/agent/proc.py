"""Reading /proc: processes, their sockets and processor time."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from carrel.agent.ports import Process, Socket, parse_sockets
from carrel.core.spec import TOOLBOX_PATH

TICKS = os.sysconf("SC_CLK_TCK")
COMMAND_LINE_LIMIT = 2048


@dataclass(frozen=True)
class Usage:
    """What one process has used so far."""

    pid: int
    started: int
    """Ticks since the machine's boot; with the pid it names a process."""
    name: str
    ticks: int
    session: int


def listening() -> list[Socket]:
    """All listening TCP sockets of this network namespace."""
    return [*parse_sockets(_text("/proc/net/tcp")), *parse_sockets(_text("/proc/net/tcp6"))]


def holders_of(inodes: Iterable[int]) -> dict[int, Process]:
    """The process that holds each socket, as far as we may see."""
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    found: dict[int, Process] = {}
    for pid in pids():
        for target in _descriptors(pid):
            if target in wanted and wanted[target] not in found:
                found[wanted[target]] = Process(pid, _text(f"/proc/{pid}/comm").strip(), command_line(pid))
        if len(found) == len(wanted):
            break
    return found


def _descriptors(pid: int) -> Iterator[str]:
    try:
        names = os.listdir(f"/proc/{pid}/fd")  # noqa: PTH208  hundreds of paths need no objects
    except OSError:
        return
    for name in names:
        with suppress(OSError):
            yield os.readlink(f"/proc/{pid}/fd/{name}")  # noqa: PTH115


def pids() -> list[int]:
    """All process ids, ascending."""
    return sorted(int(name) for name in os.listdir("/proc") if name.isdecimal())  # noqa: PTH208


def command_line(pid: int) -> str:
    """The command line with spaces between its words."""
    return _text(f"/proc/{pid}/cmdline").rstrip("\0").replace("\0", " ")[:COMMAND_LINE_LIMIT]


def is_platform(pid: int) -> bool:
    """Whether a process is one of ours: its program lies in the toolbox, and so does what it was told to run.

    A user's script run by the toolbox's Python, in an image that has none, is the user's.
    """
    words = _text(f"/proc/{pid}/cmdline").split("\0")
    prefix = TOOLBOX_PATH + "/"
    return words[0].startswith(prefix) and any(word.startswith(prefix) or word == "carrel.agent" for word in words[1:])


def usages() -> list[Usage]:
    """What every process has used so far."""
    found = []
    for pid in pids():
        text = _text(f"/proc/{pid}/stat")
        usage = parse_stat(text)
        if usage is not None:
            found.append(usage)
    return found


def parse_stat(text: str) -> Usage | None:
    """The text of /proc/PID/stat; None when it is none."""
    before, _, after = text.rpartition(")")
    pid, _, name = before.partition("(")
    fields = after.split()
    if len(fields) < 20 or not pid.strip().isdecimal():
        return None
    return Usage(int(pid), int(fields[19]), name, int(fields[11]) + int(fields[12]), int(fields[3]))


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return ""
