"""Requests a second and MB/s of the proxy beside direct access and, when asked for, configurable-http-proxy.

    python -m bench.proxy [--rounds 5] [--seconds 3] [--connections 32] [--peer [FOLDER]]

Everything runs on this machine: the app, a real agent, the proxy and the loader (wrk, from Debian's packages).
`--peer` installs configurable-http-proxy from npm into a folder that is thrown away, or uses the one in FOLDER's
node_modules. The rounds of all candidates are interleaved; medians are printed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from carrel.core.agent import Boot, SignalKind
from carrel.core.records import dump
from carrel.core.secret import Secret
from carrel.core.spec import Endpoint
from carrel.links.access import AppAddress, Held, Identity, IssuedTicket, Place, Revocation
from carrel.links.authority import LinkAuthority, make_key_pair
from carrel.links.pool import LinkPool
from carrel.links.target import Target
from carrel.proxy.patience import Patience
from carrel.proxy.server import ProxyServer, ProxySettings

WORKSPACE = "bench0000000"
SMALL = b"Hello, world!"
LARGE_BYTES = 8 * 1024 * 1024
LISTENING = "listening on "
THROWN_AWAY = Path("npm")

Measured = dict[str, list[float]]


class App(asyncio.Protocol):
    """Answers `/` with a few bytes and `/large` with LARGE_BYTES."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport: Any = transport
        self._unread = b""

    def data_received(self, data: bytes) -> None:
        """Answer each whole head."""
        *heads, self._unread = (self._unread + data).split(b"\r\n\r\n")
        for head in heads:
            self._transport.write(ANSWERS.get(head.partition(b" HTTP/")[0], LITTLE))


LITTLE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%b" % (len(SMALL), SMALL)
LARGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%b" % (
    LARGE_BYTES,
    bytes(LARGE_BYTES),
)


UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
ANSWERS = {b"GET /large": LARGE, b"GET /socket": UPGRADED}


class BenchAuthority:
    """One app, one ticket."""

    def __init__(self, target: Target, ticket: str) -> None:
        self._target = target
        self._ticket = ticket

    async def resolve(self, label: str) -> Place | None:
        """The port that the label begins with."""
        return Place(WORKSPACE, label.partition("--")[0])

    async def authorise(self, ticket: str, host: str) -> Identity | None:  # noqa: ARG002  the interface
        """Compare."""
        return Identity("bench", WORKSPACE) if ticket == self._ticket else None

    async def redeem(self, code: str, host: str) -> IssuedTicket | None:
        """Not used."""

    async def target(self, workspace: str) -> Target:  # noqa: ARG002  the interface
        """The one agent."""
        return self._target

    async def start_app(self, workspace: str, app: str) -> AppAddress:  # noqa: ARG002  the interface
        """The port."""
        return AppAddress(int(app))

    async def start(self, workspace: str, identity: Identity) -> None:
        """Not used."""

    async def still_held(self, held: Sequence[Held]) -> list[bool]:
        """All."""
        return [True] * len(held)

    async def present(self, identity: Identity, how: str) -> None:
        """Not kept."""

    async def revocations(self) -> AsyncIterator[Revocation]:
        """None."""
        yield Revocation(is_unnamed=True)
        await asyncio.Event().wait()

    async def activity(self, workspace: str, kind: SignalKind, detail: str) -> None:
        """Not kept."""

    async def first_byte(self, workspace: str, app: str, asked: datetime, answered: datetime) -> None:
        """Not kept."""


async def serve_app() -> None:
    """The process of the app."""
    server = await asyncio.get_running_loop().create_server(App, "127.0.0.1", 0)
    print(LISTENING, server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def serve_proxy(folder: Path, agent_port: int, silence_seconds: float) -> None:
    """The process of the proxy."""
    made = json.loads((folder / "keys.json").read_text())
    target = Target(WORKSPACE, Endpoint("tcp", "127.0.0.1", agent_port), f"{WORKSPACE}:1", made["host_key"])
    links = LinkPool(LinkAuthority(Secret(made["authority"])))

    async def no_dashboard(_scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})

    authority = BenchAuthority(target, made["ticket"])
    settings = ProxySettings(port=0, patience=Patience(silence=silence_seconds))
    server = ProxyServer(settings, authority, links, no_dashboard)
    await server.start()
    print(LISTENING, server.port, flush=True)
    await asyncio.Event().wait()


@contextmanager
def process(*command: str, **options: Any) -> Iterator[int]:
    """A process that says on which port it listens."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options) as running:
        assert running.stdout is not None
        try:
            for line in running.stdout:
                if found := re.search(rf"{LISTENING}.*?(\d+)$|listening .* port=(\d+)", line):
                    yield int(found[1] or found[2])
                    break
            else:
                raise SystemExit(f"{command} did not start")
        finally:
            running.terminate()


def keys(folder: Path) -> tuple[Path, str]:
    """Write what agent and proxy know; returns the boot file and the ticket."""
    authority, host_key, ticket = make_key_pair(), make_key_pair(), secrets.token_urlsafe(32)
    boot = Boot(
        WORKSPACE,
        f"{WORKSPACE}:1",
        LinkAuthority(authority.private).public_key,
        host_key.private,
        0,
        1,
        address="127.0.0.1",
    )
    (folder / "boot.json").write_text(json.dumps(dump(boot)))
    made = {
        "authority": authority.private.reveal(),
        "host_key": host_key.public,
        "ticket": ticket,
    }
    (folder / "keys.json").write_text(json.dumps(made))
    return folder / "boot.json", ticket


class Candidate:
    """Something to measure: an address and the header fields it needs."""

    def __init__(self, name: str, port: int, *fields: str) -> None:
        self.name = name
        self.url = f"http://127.0.0.1:{port}"
        self.fields = fields


def load(candidate: Candidate, path: str, seconds: int, connections: int) -> float:
    """Run wrk; returns requests a second."""
    found = re.search(r"Requests/sec:\s+([0-9.]+)", wrk(candidate, path, seconds, connections))
    assert found
    return float(found[1])


def latency(candidate: Candidate, seconds: int) -> tuple[float, float]:
    """Median and 99th percentile of one client's requests, one after the other; milliseconds."""
    said = wrk(candidate, "/", seconds, 1)
    units = {"us": 1e-3, "ms": 1.0, "s": 1e3}
    found = {percent: float(n) * units[unit] for percent, n, unit in re.findall(r"(50|99)%\s+([0-9.]+)(us|ms|s)", said)}
    return found["50"], found["99"]


def wrk(candidate: Candidate, path: str, seconds: int, connections: int) -> str:
    """What it prints."""
    arguments = [option for field in candidate.fields for option in ("-H", field)]
    command = [os.environ.get("WRK", "wrk"), "-t1", "--latency", f"-c{connections}", f"-d{seconds}s", *arguments]
    done = subprocess.run([*command, candidate.url + path], capture_output=True, text=True, check=True)
    if re.search(r"Non-2xx|Socket errors: connect [1-9]", done.stdout):
        raise SystemExit(f"{candidate.name} failed:\n{done.stdout}")
    return done.stdout


def peer(stack: ExitStack, folder: Path, app_port: int) -> Candidate:
    """Start configurable-http-proxy in front of the same app; installs it where the folder has none."""
    program = folder / "node_modules/.bin/configurable-http-proxy"
    if not program.exists():
        folder.mkdir(exist_ok=True)
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "configurable-http-proxy"]
        subprocess.run([*install, "--prefix", str(folder)], check=True)
    listening = "01:00:00.000 [ConfigProxy] info: Proxying http"
    port = 17071
    command = [
        str(program), "--ip", "127.0.0.1", "--port", str(port), "--api-ip", "127.0.0.1", "--api-port", str(port + 1),
        "--default-target", f"http://127.0.0.1:{app_port}",
    ]  # fmt: skip
    running = stack.enter_context(
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    )
    stack.callback(running.terminate)
    assert running.stdout is not None
    for line in running.stdout:
        if listening.rsplit(": ", maxsplit=1)[-1] in line:
            return Candidate("configurable-http-proxy", port)
    raise SystemExit(f"{program} did not start")


def measure(candidates: list[Candidate], path: str, options: argparse.Namespace, connections: int) -> Measured:
    """All rounds of all candidates, interleaved."""
    figures: Measured = {candidate.name: [] for candidate in candidates}
    for candidate in candidates:
        load(candidate, path, 1, connections)
    for _ in range(options.rounds):
        for candidate in candidates:
            figures[candidate.name].append(load(candidate, path, options.seconds, connections))
    return figures


def report(title: str, figures: Measured, factor: float, unit: str) -> dict[str, float]:
    """Print medians, and the ratio to the peer where there is one."""
    medians = {name: statistics.median(values) * factor for name, values in figures.items()}
    print(title)
    reference = medians.get("configurable-http-proxy")
    for name, median in medians.items():
        ratio = f"   {median / reference:5.2f} x configurable-http-proxy" if reference else ""
        print(f"  {name:26}{median:12,.0f} {unit}{ratio}")
    return medians


def run(options: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Start everything, measure, print."""
    if shutil.which(os.environ.get("WRK", "wrk")) is None:
        raise SystemExit("wrk is missing (Debian: apt install wrk), or name it in WRK")
    me = [sys.executable, "-m", "bench.proxy"]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="carrel-bench-")))
        boot, ticket = keys(folder)
        app = stack.enter_context(process(*me, "--serve", "app"))
        agent = stack.enter_context(
            process(sys.executable, "-m", "carrel.agent", "--boot", str(boot), "--state", str(folder / "state"))
        )
        proxy = stack.enter_context(process(*me, "--serve", "proxy", "--folder", str(folder), "--agent", str(agent)))
        host = f"{app}--bench--bench.localhost:{proxy}"
        cookie = f"Cookie: carrel_ticket={ticket}"
        candidates = [Candidate("direct", app), Candidate("carrel proxy", proxy, f"Host: {host}", cookie)]
        if options.peer:
            candidates.append(peer(stack, options.peer if options.peer != THROWN_AWAY else folder / "peer", app))
        small = measure(candidates, "/", options, options.connections)
        large = measure(candidates, "/large", options, options.connections)
        delays = {
            candidate.name: [latency(candidate, options.seconds) for _ in range(options.rounds)]
            for candidate in candidates
        }
    print("added latency of one client's requests: median, 99th percentile (ms)")
    for name, values in delays.items():
        added = [
            statistics.median(column) - base
            for column, base in zip(zip(*values, strict=True), _least(delays), strict=True)
        ]
        print(f"  {name:26}{added[0]:12.3f}{added[1]:12.3f}")
    return {
        "requests_per_second": report(
            f"requests a second, {len(SMALL)} bytes, {options.connections} connections", small, 1, "1/s"
        ),
        "megabytes_per_second": report(
            f"8 MiB answers, {options.connections} connections", large, LARGE_BYTES / 1e6, "MB/s"
        ),
    }


def _least(delays: dict[str, list[tuple[float, float]]]) -> list[float]:
    return [statistics.median(column) for column in zip(*delays["direct"], strict=True)]


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--peer", nargs="?", const=THROWN_AWAY, type=Path, help="also measure configurable-http-proxy")
    parser.add_argument("--serve", choices=("app", "proxy"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--agent", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--silence", type=float, default=60.0, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main() -> None:
    """Measure, or be one of the processes."""
    import uvloop  # noqa: PLC0415  the parts that are measured run on it, the loader needs none

    options = parse()
    if options.serve == "app":
        uvloop.run(serve_app())
    elif options.serve == "proxy":
        uvloop.run(serve_proxy(options.folder, options.agent, options.silence))
    else:
        run(options)


if __name__ == "__main__":
    main()
