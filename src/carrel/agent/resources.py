"""Figures of the whole workspace, from cgroup version 1 or 2, else from /proc."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from carrel.core.agent import Resources

CGROUPS = "/sys/fs/cgroup"
UNLIMITED = 1 << 60
"""Version 1 writes about 2**63 where there is no limit."""

Read = Callable[[str], str]
"""Text of a file; empty when it cannot be read."""


@dataclass(frozen=True)
class Sample:
    """A measurement, for the difference to the next."""

    at: float
    """Seconds of a monotonic clock."""
    cpu_seconds: float


def read_text(path: str) -> str:
    """Text of a file; empty when it cannot be read."""
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def measure(now: float, before: Sample | None, disk: str, read: Read = read_text) -> tuple[Resources, Sample]:
    """The figures now; `before` gives the percentage (100 is one processor), `disk` is the folder whose file system counts."""
    cpu, memory, limit, processes = _version_2(read) if read(f"{CGROUPS}/cgroup.controllers") else _version_1(read)
    if memory is None:
        memory, limit = _from_meminfo(read("/proc/meminfo"))
    if processes is None:
        processes = sum(name.isdecimal() for name in os.listdir("/proc"))  # noqa: PTH208
    cpu_seconds = cpu if cpu is not None else _from_stat(read("/proc/stat"))
    elapsed = now - before.at if before else 0.0
    percent = 100 * (cpu_seconds - before.cpu_seconds) / elapsed if before and elapsed > 0 else 0.0
    used, free = disk_figures(disk)
    resources = Resources(
        cpu_seconds=round(cpu_seconds, 2),
        cpu_percent=round(max(0.0, percent), 1),
        memory_bytes=memory,
        memory_limit_bytes=limit,
        processes=processes,
        disk_used_bytes=used,
        disk_free_bytes=free,
    )
    return resources, Sample(now, cpu_seconds)


def _version_2(read: Read) -> tuple[float | None, int | None, int | None, int | None]:
    usage = _field(read(f"{CGROUPS}/cpu.stat"), "usage_usec")
    memory = _number(read(f"{CGROUPS}/memory.current"))
    if memory is not None:
        memory = max(0, memory - (_field(read(f"{CGROUPS}/memory.stat"), "inactive_file") or 0))
    limit = _number(read(f"{CGROUPS}/memory.max"))
    return usage / 1e6 if usage is not None else None, memory, limit, _number(read(f"{CGROUPS}/pids.current"))


def _version_1(read: Read) -> tuple[float | None, int | None, int | None, int | None]:
    usage = _number(read(f"{CGROUPS}/cpuacct/cpuacct.usage"))
    memory = _number(read(f"{CGROUPS}/memory/memory.usage_in_bytes"))
    if memory is not None:
        memory = max(0, memory - (_field(read(f"{CGROUPS}/memory/memory.stat"), "total_inactive_file") or 0))
    limit = _number(read(f"{CGROUPS}/memory/memory.limit_in_bytes"))
    if limit is not None and limit >= UNLIMITED:
        limit = None
    return usage / 1e9 if usage is not None else None, memory, limit, _number(read(f"{CGROUPS}/pids/pids.current"))


def _number(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() else None


def _field(text: str, name: str) -> int | None:
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return _number(value)
    return None


def _from_meminfo(text: str) -> tuple[int, int | None]:
    fields = {line.partition(":")[0]: line.partition(":")[2].split() for line in text.splitlines()}
    total, available = (int(fields[name][0]) << 10 if fields.get(name) else 0 for name in ("MemTotal", "MemAvailable"))
    return total - available, total or None


def _from_stat(text: str) -> float:
    fields = text.partition("\n")[0].split()[1:]
    busy = [int(field) for position, field in enumerate(fields[:8]) if position not in {3, 4}]
    return sum(busy) / os.sysconf("SC_CLK_TCK")


def disk_figures(folder: str) -> tuple[int | None, int | None]:
    """Bytes used and free on the file system of `folder`."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return None, None
    return (found.f_blocks - found.f_bfree) * found.f_frsize, found.f_bavail * found.f_frsize
