"""Starts: `carrel up`, start of a stopped workspace, exec, ssh, VS Code's first page; beside the floor and a peer.

The floor is `docker run` of the same image; the peer is the reference devcontainer CLI from npm with the same folder
and image. The candidates take turns in each round, so that a drift of the machine's speed falls on all of them.
"""

from __future__ import annotations

import http.cookiejar
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from bench.report import Row
from examples.git_server import git_server, make_repository
from tests.e2e.installation import Installation, docker
from tests.reference_cli import ReferenceAbsentError, reference_argv

DOCKER = "/usr/bin/docker"
EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "repository"


class Floor:
    """What the engine alone takes."""

    def __init__(self, image: str) -> None:
        self.image = image

    def run(self) -> None:
        """`docker run` of a cached image."""
        subprocess.run([DOCKER, "run", "--rm", self.image, "true"], check=True, capture_output=True)


class Peer:
    """The reference devcontainer CLI on the same folder."""

    def __init__(self, folder: Path, program: tuple[str, ...]) -> None:
        self.folder = folder
        self.program = program

    def call(self, *words: str) -> None:
        """Run the CLI."""
        command = [*self.program, *words, "--workspace-folder", str(self.folder), "--docker-path", DOCKER]
        subprocess.run(command, check=True, capture_output=True)

    def up(self) -> None:
        """A fresh container, to a terminal."""
        self.call("up", "--remove-existing-container")
        self.exec_true()

    def start(self) -> None:
        """A stopped container, to a terminal."""
        self.call("up")
        self.exec_true()

    def exec_true(self) -> None:
        """`exec true` in the running container."""
        command = [*self.program, "exec", "--docker-path", DOCKER, "--workspace-folder", str(self.folder), "true"]
        subprocess.run(command, check=True, capture_output=True)

    def containers(self) -> list[str]:
        """Its containers."""
        return docker("ps", "-aq", "--filter", f"label=devcontainer.local_folder={self.folder}")

    def stop(self) -> None:
        """Stop them."""
        docker("stop", "-t", "1", *self.containers())

    def remove(self) -> None:
        """Remove them."""
        if found := self.containers():
            docker("rm", "-f", *found)


class Ours:
    """Carrel on the same folder."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        self.installation = installation
        self.folder = folder
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )
        self.opener.addheaders = [("Accept", "text/html"), ("Sec-Fetch-Mode", "navigate")]

    def up(self) -> None:
        """A fresh workspace, to a terminal."""
        self.installation.carrel("up", str(self.folder), "--name", "bench", "--no-open")
        self.exec_true()

    def exec_true(self) -> None:
        """`carrel exec bench true`."""
        self.installation.carrel("exec", "-T", "bench", "true")

    def ssh_true(self) -> None:
        """`carrel ssh bench true`."""
        self.installation.carrel("ssh", "bench", "true")

    def start(self) -> None:
        """A stopped workspace, to a terminal, in one command."""
        self.installation.carrel("exec", "--start", "-T", "bench", "true")

    def start_then_exec(self) -> None:
        """The same in two commands."""
        self.installation.carrel("start", "bench")
        self.exec_true()

    def stop(self) -> None:
        """Stop it."""
        self.installation.carrel("stop", "bench")

    def purge(self) -> None:
        """Leave nothing of it, and wait for that."""
        found = self.installation.workspace("bench")["id"]
        self.installation.api("DELETE", f"/workspaces/{found}?purge=true")
        self.installation.until_gone(found)

    def sign_in(self) -> None:
        """Get the browser's cookie once."""
        self.opener.open(self.installation.api("POST", "/login-links", {})["url"]).read()

    def first_page(self) -> None:
        """A start of the stopped workspace, until VS Code's first HTML is there."""
        found = self.installation.api("POST", "/workspaces/bench/start")
        url = f"http://code--bench--{found['owner']}.localhost:{self.installation.port}/"
        while b"workbench" not in self._page(url):
            time.sleep(0.02)

    def _page(self, url: str) -> bytes:
        """What a browser gets; nothing while the page says that the workspace is starting (503)."""
        try:
            with self.opener.open(url, timeout=30) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            return b""


@contextmanager
def local_names() -> Iterator[None]:
    """Names below `localhost` are found on loopback, as in browsers."""
    ask = socket.getaddrinfo

    def answer(host: Any, *rest: Any, **options: Any) -> Any:
        return ask("127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **options)

    socket.getaddrinfo = answer
    try:
        yield
    finally:
        socket.getaddrinfo = ask


def install_peer() -> tuple[str, ...] | None:
    """The words that run the reference CLI, or None where it cannot be had."""
    try:
        return reference_argv()
    except ReferenceAbsentError:
        return None


def measure(runs: int) -> list[Row]:
    """All measurements of starts."""
    with tempfile.TemporaryDirectory() as temporary, local_names():
        base = Path(temporary)
        folder = base / "project"
        shutil.copytree(EXAMPLE, folder)
        installation = Installation(base / "data")
        installation.start()
        try:
            return _measure(runs, base, folder, installation)
        finally:
            installation.destroy()


def _measure(runs: int, base: Path, folder: Path, installation: Installation) -> list[Row]:
    ours = Ours(installation, folder)
    ours.up()  # builds what has to be built once, and tells the image
    image = docker("inspect", "--format", "{{.Config.Image}}", *installation.containers())[0]
    ours.purge()
    (folder / ".devcontainer/devcontainer.json").write_text(f'{{"image": "{image}"}}')
    peer = Peer(folder, program) if (program := install_peer()) else None
    rows = [*_starts(runs, ours, peer, Floor(image)), _clone(runs, base, installation), _memory(installation)]
    if peer is not None:
        peer.remove()
    return rows


def _starts(runs: int, ours: Ours, peer: Peer | None, floor: Floor) -> list[Row]:
    rows = {
        "floor": Row("floor: docker run of the cached image"),
        "up": Row("carrel up of a folder, to a terminal", budget=1.5),
        "peer up": Row("reference CLI: up, to a terminal"),
        "start": Row("carrel exec --start of a stopped one, to a terminal", budget=0.8),
        "two": Row("carrel start, then carrel exec, of a stopped one"),
        "peer start": Row("reference CLI: up of a stopped one, to a terminal"),
        "exec": Row("carrel exec true", budget=0.25),
        "peer exec": Row("reference CLI: exec true"),
        "ssh": Row("carrel ssh true", budget=0.25),
        "page": Row("VS Code's first HTML after a start", budget=2.5),
    }
    ours.sign_in()
    for number in range(runs + 1):  # the first round warms up and is not counted
        counted = rows if number else {name: Row(row.what) for name, row in rows.items()}
        _round(counted, ours, peer, floor)
    return list(rows.values())


def _round(rows: dict[str, Row], ours: Ours, peer: Peer | None, floor: Floor) -> None:
    rows["floor"].time(floor.run)
    rows["up"].time(ours.up)
    rows["exec"].time(ours.exec_true)
    rows["ssh"].time(ours.ssh_true)
    ours.stop()
    rows["start"].time(ours.start)
    ours.stop()
    rows["two"].time(ours.start_then_exec)
    ours.stop()
    rows["page"].time(ours.first_page)
    ours.purge()
    if peer is None:
        return
    rows["peer up"].time(peer.up)
    rows["peer exec"].time(peer.exec_true)
    peer.stop()
    rows["peer start"].time(peer.start)
    peer.remove()


def _clone(runs: int, base: Path, installation: Installation) -> Row:
    """The span `source` of starts from a git URL."""
    row = Row("git clone of the example repository")
    make_repository(EXAMPLE, base / "git/guestbook.git")
    with git_server(base / "git") as address:
        for _ in range(runs):
            made = installation.create(f"{address}/guestbook.git", name="cloned")["id"]
            installation.until_phase(made, "running")
            spans = installation.api("GET", f"/workspaces/{made}/timeline")["spans"]
            row.runs += [seconds(span) for span in spans if span["name"] == "source"]
            installation.api("DELETE", f"/workspaces/{made}?purge=true")
            installation.until_gone(made)
    return row


def seconds(span: dict[str, str]) -> float:
    """Length of a span."""
    return (datetime.fromisoformat(span["ended"]) - datetime.fromisoformat(span["began"])).total_seconds()


def _memory(installation: Installation) -> Row:
    """Resident memory of the server with nothing to do."""
    assert installation.process is not None
    status = Path(f"/proc/{installation.process.pid}/status").read_text()
    kilobytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    return Row("control plane, idle", unit="MB", budget=150, runs=[kilobytes / 1024])
