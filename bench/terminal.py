"""Terminals: how long a key takes until its echo is on the way to the screen, and how fast output comes.

The key goes as from the web page: WebSocket, server, link, agent, holder, the terminal of the kernel, and back.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from bench.report import Row
from examples.git_server import git_server
from tests.contract.images import busybox_image
from tests.e2e.installation import Installation
from tests.e2e.repositories import Repositories
from tests.e2e.terminal_viewer import ResumingViewer

KEYS = 500
"""Of one round."""
PAUSE_SECONDS = 0.005
OUTPUT_BYTES = 100_000_000


def measure(runs: int) -> list[Row]:
    """`runs` rounds of keys, and a few of output."""
    middle = Row("keystroke echo, p50 of a round", unit="ms")
    worst = Row("keystroke echo, p99 of a round", unit="ms")
    busy = Row("keystroke echo, p99 while another terminal prints", unit="ms")
    rate = Row("output through the web terminal", unit="MB/s")
    with tempfile.TemporaryDirectory() as folder, git_server(Path(folder) / "git") as address:
        installation = Installation(Path(folder) / "data")
        installation.start()
        try:
            url = Repositories(Path(folder) / "git", address).make(
                "bench", {".devcontainer.json": {"image": busybox_image()}}
            )
            workspace = installation.create(url, name="bench")["id"]
            installation.until_phase(workspace, "running")
            for _ in range(max(runs // 4, 3)):
                echoes = echo_times(attached(installation, workspace, "keys"))
                middle.runs.append(statistics.median(echoes))
                worst.runs.append(p99(echoes))
                rate.runs.append(output_rate(attached(installation, workspace, "output")))
            noise = attached(installation, workspace, "noise")
            noise.place.type(b"while :; do echo noise; sleep 0.001; done\n")
            noise.until(lambda: noise.place.seen > 1000, len)
            for _ in range(3):
                busy.runs.append(p99(echo_times(attached(installation, workspace, "keys"))))
            noise.drop()
        finally:
            installation.destroy()
    return [middle, worst, busy, rate]


def attached(installation: Installation, workspace: str, name: str) -> ResumingViewer:
    """A viewer of a terminal whose program echoes."""
    return ResumingViewer(f"http://127.0.0.1:{installation.port}", installation.token, workspace, name)


def echo_times(viewer: ResumingViewer) -> list[float]:
    """Milliseconds from each key to its echo; `cat` reads, the kernel echoes."""
    shown = bytearray()
    viewer.place.type(b"stty echo; echo re''ady; exec cat >/dev/null\n")
    viewer.until(lambda: b"ready" in shown, shown.extend)
    time.sleep(0.3)  # the shell becomes cat, which nothing announces
    viewer.until(lambda: viewer.place.seen >= 0, shown.extend)
    found = []
    for number in range(KEYS):
        shown.clear()
        began = time.perf_counter()
        viewer.place.type(b"ab"[number % 2 : number % 2 + 1])
        viewer.until(lambda: shown, shown.extend)
        found.append((time.perf_counter() - began) * 1000)
        time.sleep(PAUSE_SECONDS)
        if number % 50 == 49:  # a line of the terminal has a longest length
            shown.clear()
            viewer.place.type(b"\n")
            viewer.until(lambda: b"\n" in shown, shown.extend)
    viewer.place.type(b"\x04")
    viewer.until(lambda: viewer.exit, shown.extend)
    viewer.drop()
    return found


def output_rate(viewer: ResumingViewer) -> float:
    """Megabytes a second of a program that prints as fast as it can."""
    count = 0

    def take(data: bytes) -> None:
        nonlocal count
        count += len(data)

    viewer.place.type(f"stty -echo -opost; head -c {OUTPUT_BYTES} /dev/zero | tr '\\0' x; exit\n".encode())
    began = time.perf_counter()
    viewer.until(lambda: viewer.exit, take, seconds=120)
    seconds = time.perf_counter() - began
    viewer.drop()
    return count / seconds / 1e6


def p99(values: list[float]) -> float:
    """The 99th percentile, by nearest rank."""
    return sorted(values)[min(len(values) - 1, round(0.99 * len(values)))]
