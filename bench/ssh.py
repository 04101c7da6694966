"""SSH: time of `ssh true` and bytes a second, through the gateway and through ProxyCommand, beside OpenSSH's sshd.

The peer is Debian's openssh-server on this machine's loopback, started here, with nothing between it and the client:
no workspace, no gateway. The candidates take turns in each round.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.report import Row
from examples.git_server import git_server
from tests.e2e.gateway_client import GatewayClient, make_key
from tests.e2e.installation import BIN, Installation, free_port
from tests.e2e.repositories import Repositories

MEGABYTES = 200
ROUNDS = 3
"""Of each transfer."""
SSHD = "/usr/sbin/sshd"
FAST = "aes128-gcm@openssh.com"
"""What `carrel config-ssh` puts first; OpenSSH's own first choice is chacha20-poly1305."""


class Way:
    """One way to a shell."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self.command = command

    def true(self) -> None:
        """`ssh true`."""
        subprocess.run([*self.command, "true"], check=True, stdin=subprocess.DEVNULL, capture_output=True)

    def down(self) -> float:
        """MB/s of what a command prints."""
        return self._timed(f"head -c {MEGABYTES}000000 /dev/zero", None)

    def up(self) -> float:
        """MB/s of what a command reads."""
        with Path("/dev/zero").open("rb") as zeros:
            head = subprocess.Popen(["head", "-c", f"{MEGABYTES}000000"], stdin=zeros, stdout=subprocess.PIPE)
            speed = self._timed("cat >/dev/null", head)
            head.wait()
        return speed

    def _timed(self, command: str, source: subprocess.Popen[bytes] | None) -> float:
        began = time.perf_counter()
        stdin = source.stdout if source else subprocess.DEVNULL
        subprocess.run([*self.command, command], check=True, stdin=stdin, stdout=subprocess.DEVNULL)
        return MEGABYTES / (time.perf_counter() - began)


@contextmanager
def sshd(folder: Path) -> Iterator[Way]:
    """OpenSSH's own server on loopback."""
    make_key(folder / "host")
    make_key(folder / "peer")
    port = free_port()
    Path("/run/sshd").mkdir(exist_ok=True)
    (folder / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/peer.pub\n"
        "StrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\nPidFile none\n"
    )
    with subprocess.Popen([SSHD, "-D", "-e", "-f", folder / "sshd_config"], stderr=subprocess.DEVNULL) as server:
        try:
            options = ["-i", str(folder / "peer"), "-p", str(port), "-o", "StrictHostKeyChecking=no"]
            options += ["-o", f"UserKnownHostsFile={folder}/peer_hosts", "-o", "LogLevel=ERROR", "-F", "none"]
            way = Way("sshd direct", ["ssh", *options, "root@127.0.0.1"])
            until = time.monotonic() + 10
            while subprocess.run([*way.command, "true"], check=False, capture_output=True).returncode:
                assert time.monotonic() < until
                time.sleep(0.1)
            yield way
        finally:
            server.terminate()


@contextmanager
def ways(folder: Path) -> Iterator[list[Way]]:
    """Through the gateway, through ProxyCommand, and the peer, each with the same cipher; the gateway with OpenSSH's own choice, too."""
    installation = Installation(folder / "data")
    installation.start()
    try:
        with git_server(folder / "git") as address:
            created = installation.create(Repositories(folder / "git", address).tiny("blog"), name="blog")
            installation.until_phase(created["id"], "running", 300)
        installation.api("POST", "/ssh-keys", {"public_key": make_key(folder / "id")})
        client = GatewayClient(folder, installation, folder / "id")
        config = folder / "config"
        environment = installation.environment | {"XDG_CONFIG_HOME": str(folder)}
        os.environ.update(environment)
        subprocess.run([BIN / "carrel", "config-ssh", "--file", config], check=True, env=environment)
        gateway = ["ssh", "-F", str(client.config), "blog@gateway"]
        found = [
            Way("gateway", [*gateway[:1], "-c", FAST, *gateway[1:]]),
            Way("gateway, chacha20", gateway),
            Way("ProxyCommand", ["ssh", "-F", str(config), "blog.carrel"]),
        ]
        if not shutil.which(SSHD):
            yield found
            return
        with sshd(folder) as peer:
            yield [
                *found,
                Way("sshd direct", [*peer.command[:1], "-c", FAST, *peer.command[1:]]),
                Way("sshd direct, chacha20", peer.command),
            ]
    finally:
        installation.destroy()


def measure(runs: int) -> list[Row]:
    """Rows of `ssh true` in seconds, and of both directions in MB/s."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "git").mkdir()
        with ways(folder) as candidates:
            trues = [
                Row(f"ssh true, {way.name}", budget=0.25 if "sshd" not in way.name else None) for way in candidates
            ]
            downs = [Row(f"from the workspace, {way.name}", "MB/s") for way in candidates]
            ups = [Row(f"to the workspace, {way.name}", "MB/s") for way in candidates]
            for way in candidates:
                way.true()
            for _ in range(runs):
                for way, row in zip(candidates, trues, strict=True):
                    row.time(way.true)
            for _ in range(min(runs, ROUNDS)):
                for way, down, up in zip(candidates, downs, ups, strict=True):
                    down.runs.append(way.down())
                    up.runs.append(way.up())
    return [*trues, *downs, *ups]
