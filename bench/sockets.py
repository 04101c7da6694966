"""Memory of idle WebSockets through the proxy, and what becomes of clients that vanish without a word.

    python -m bench.sockets [--idle 2000] [--vanish 10000] [--silence 5]

App, agent and proxy are processes of their own, as in bench.proxy. Vanishing needs CAP_NET_ADMIN (TCP_REPAIR: a socket is
closed, and nothing is sent). `--silence` stands for the 60 s after which the proxy asks a silent client.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import resource
import socket
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import uvloop
from bench.proxy import keys, process

TCP_REPAIR: Final = 19
AT_ONCE: Final = 100
HEAD: Final = (
    "GET /socket HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: carrel_ticket={ticket}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def megabytes(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1024


def open_files(pid: int) -> int:
    """How many a process has open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


class Rig:
    """The processes, and the clients of this one."""

    def __init__(self, stack: ExitStack, silence_seconds: float) -> None:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="carrel-bench-")))
        boot, self._ticket = keys(folder)
        me = [sys.executable, "-m", "bench.proxy"]
        app = stack.enter_context(process(*me, "--serve", "app"))
        agent_command = [sys.executable, "-m", "carrel.agent", "--boot", str(boot), "--state", str(folder / "state")]
        agent = stack.enter_context(process(*agent_command))
        silence = ["--silence", f"{silence_seconds:g}"]
        self.port = stack.enter_context(
            process(*me, "--serve", "proxy", "--folder", str(folder), "--agent", str(agent), *silence)
        )
        self.proxy, self.agent = _pid_at(self.port), _pid_at(agent)
        self._host = f"{app}--bench--bench.localhost:{self.port}"
        self.clients: list[socket.socket] = []

    async def open(self, count: int) -> None:
        """So many more WebSockets."""
        loop = asyncio.get_running_loop()
        head = HEAD.format(host=self._host, ticket=self._ticket).encode()

        async def one() -> None:
            sock = socket.socket()
            sock.setblocking(False)
            await loop.sock_connect(sock, ("127.0.0.1", self.port))
            await loop.sock_sendall(sock, head)
            answer = await loop.sock_recv(sock, 1024)
            assert answer.startswith(b"HTTP/1.1 101 "), answer
            self.clients.append(sock)

        for begin in range(0, count, AT_ONCE):
            await asyncio.gather(*(one() for _ in range(min(AT_ONCE, count - begin))))

    def vanish(self) -> None:
        """Every client goes without a word."""
        for sock in self.clients:
            sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
            sock.close()
        self.clients.clear()


def _pid_at(port: int) -> int:
    """The process that listens on a port of 127.0.0.1."""
    wanted = f"0100007F:{port:04X}"
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inode = next(line[9] for line in lines if line[1] == wanted and line[3] == "0A")
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                if any(str(link.readlink()) == f"socket:[{inode}]" for link in (folder / "fd").iterdir()):
                    return int(folder.name)
    raise SystemExit(f"nothing listens on {port}")


async def measure(options: argparse.Namespace) -> None:
    """Open, look, vanish, look."""
    with ExitStack() as stack:
        rig = Rig(stack, options.silence)
        await rig.open(1)
        before = megabytes(rig.proxy), megabytes(rig.agent)
        await rig.open(options.idle)
        after = megabytes(rig.proxy), megabytes(rig.agent)
        print(f"{options.idle:,} idle WebSockets")
        for name, least, most in zip(("proxy", "agent"), before, after, strict=True):
            each = (most - least) * 1024 / options.idle
            print(f"  {name:8}{least:8.1f} MB without, {most:8.1f} MB with: {each:6.1f} KB each")
        if not options.vanish:
            return
        began = time.monotonic()
        await rig.open(options.vanish - len(rig.clients))
        most, count = megabytes(rig.proxy), open_files(rig.proxy)
        print(f"{options.vanish:,} WebSockets that vanish without FIN (opened in {time.monotonic() - began:.1f} s)")
        print(f"  proxy   {most:8.1f} MB and {count:,} open files with them, agent {megabytes(rig.agent):.1f} MB")
        rig.vanish()
        gone = time.monotonic()
        while open_files(rig.proxy) > count - options.vanish:
            assert time.monotonic() - gone < 10 * options.silence + 30, open_files(rig.proxy)
            await asyncio.sleep(0.2)
        took = time.monotonic() - gone
        await rig.open(options.idle)
        print(f"  noticed {took:6.1f} s later (silence: {options.silence:g} s); proxy {megabytes(rig.proxy):.1f} MB")
        print(f"          with {options.idle:,} new ones, agent {megabytes(rig.agent):.1f} MB")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--idle", type=int, default=2000)
    parser.add_argument("--vanish", type=int, default=10_000, help="0: none")
    parser.add_argument("--silence", type=float, default=5)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    uvloop.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
