"""Figures from both versions of cgroups, and from /proc where there are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from carrel.agent.resources import Sample, measure

V2 = {
    "/sys/fs/cgroup/cgroup.controllers": "cpu memory pids",
    "/sys/fs/cgroup/cpu.stat": "usage_usec 5000000\nuser_usec 1\n",
    "/sys/fs/cgroup/memory.current": "1000000\n",
    "/sys/fs/cgroup/memory.stat": "anon 1\ninactive_file 300000\n",
    "/sys/fs/cgroup/memory.max": "4000000\n",
    "/sys/fs/cgroup/pids.current": "12\n",
}
V1 = {
    "/sys/fs/cgroup/cpuacct/cpuacct.usage": "7000000000\n",
    "/sys/fs/cgroup/memory/memory.usage_in_bytes": "900\n",
    "/sys/fs/cgroup/memory/memory.stat": "total_inactive_file 100\n",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    "/sys/fs/cgroup/pids/pids.current": "3\n",
}
PROC = {
    "/proc/meminfo": "MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 400 kB\n",
    "/proc/stat": "cpu  100 0 100 5000 50 0 0 0 0 0\n",
}


def reader(files: Mapping[str, str]) -> Callable[[str], str]:
    return lambda path: files.get(path, "")


def test_version_2() -> None:
    found, sample = measure(10.0, Sample(8.0, 4.0), "/", reader(V2))
    assert (found.cpu_seconds, found.cpu_percent) == (5.0, 50.0)
    assert (found.memory_bytes, found.memory_limit_bytes, found.processes) == (700_000, 4_000_000, 12)
    assert sample == Sample(10.0, 5.0)


def test_version_2_without_a_limit() -> None:
    found, _ = measure(0.0, None, "/", reader({**V2, "/sys/fs/cgroup/memory.max": "max\n"}))
    assert (found.memory_limit_bytes, found.cpu_percent) == (None, 0.0)


def test_version_1() -> None:
    found, _ = measure(0.0, None, "/", reader(V1))
    assert (found.cpu_seconds, found.memory_bytes, found.memory_limit_bytes, found.processes) == (7.0, 800, None, 3)


def test_without_cgroups_the_machine_counts() -> None:
    found, _ = measure(0.0, None, "/no/such/folder", reader(PROC))
    assert (found.memory_bytes, found.memory_limit_bytes) == (600 << 10, 1000 << 10)
    assert found.cpu_seconds > 0
    assert found.processes > 0
    assert (found.disk_used_bytes, found.disk_free_bytes) == (None, None)
