"""Proxies and gateways of their own processes beside a real server: one is killed, the server restarts, the rest lives on."""

from __future__ import annotations

import http.cookiejar
import json
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bench.start import local_names
from tests.e2e.installation import BIN, ROOT, Installation
from tests.e2e.repositories import Repositories
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

PORT = 8000
ECHO = Path(__file__).with_name("socket_echo.py")


class Apart:
    """One `carrel proxy` or `carrel gateway`."""

    def __init__(self, kind: str, installation: Installation) -> None:
        command = [
            str(BIN / "carrel"),
            kind,
            "--server",
            f"http://127.0.0.1:{installation.port}",
            "--port",
            "0",
            "--grace",
            "5",
        ]
        self.process = subprocess.Popen(
            command,
            env=installation.environment | {"CARREL_LOG_FORMAT": "json"},
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert self.process.stderr is not None
        said = []
        for line in self.process.stderr:
            said.append(line)
            if '"listening"' in line:
                self.port = int(json.loads(line)["port"])
                return
        pytest.fail("".join(said))

    def end(self, how: signal.Signals) -> int:
        """Send a signal and wait."""
        self.process.send_signal(how)
        status = self.process.wait(timeout=60)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return status


@pytest.fixture(scope="module")
def workspace(shared: Installation, repositories: Repositories) -> Installation:
    """An installation with a running workspace `tiny`, in which something answers on PORT."""
    made = shared.create(repositories.tiny("tiny"), name="tiny")["id"]
    shared.until_phase(made, "running")
    shared.carrel("exec", "-T", "tiny", "sh", "-c", "cat >/tmp/echo.py", stdin=ECHO.read_bytes())
    script = f"setsid /opt/carrel/bin/python3 -I -S /tmp/echo.py {PORT} >/dev/null 2>&1 & sleep 0.5"
    shared.carrel("exec", "-T", "tiny", "sh", "-c", script)
    return shared


@pytest.fixture(scope="module")
def proxies(workspace: Installation) -> Iterator[tuple[Apart, Apart]]:
    pair = Apart("proxy", workspace), Apart("proxy", workspace)
    yield pair
    for one in pair:
        if one.process.poll() is None:
            one.end(signal.SIGKILL)


class Browser:
    """Signed in; goes to apps by way of a proxy."""

    def __init__(self, installation: Installation) -> None:
        self._jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self._jar)
        )
        self._opener.addheaders = [("Accept", "text/html"), ("Sec-Fetch-Mode", "navigate")]
        self._opener.open(installation.api("POST", "/login-links", {})["url"]).read()
        owner = installation.workspace("tiny")["owner"]
        self._label = f"{PORT}--tiny--{owner}.localhost"

    def get(self, proxy: Apart) -> tuple[int, bytes, str]:
        """The app's page: status, body, Retry-After."""
        try:
            with self._opener.open(f"http://{self._label}:{proxy.port}/", timeout=60) as answer:
                return int(answer.status), bytes(answer.read()), ""
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(), error.headers["Retry-After"] or ""

    @contextmanager
    def socket(self, proxy: Apart, *, anybody: bool = False) -> Iterator[ClientConnection]:
        """An open WebSocket; `anybody`: without the ticket."""
        ticket = (
            ""
            if anybody
            else next(c.value for c in self._jar if c.name == "carrel_ticket" and c.domain.startswith(f"{PORT}--"))
        )
        host = f"{self._label}:{proxy.port}"
        fields = {"Cookie": f"carrel_ticket={ticket}"}
        origin = Origin(f"http://{host}")
        with connect(f"ws://{host}/", origin=origin, additional_headers=fields, proxy=None) as socket:
            yield socket


def echoes(socket: ClientConnection) -> bool:
    socket.send("x")
    return socket.recv(timeout=60) == "x"


def test_a_gateway_apart_leads_in_and_outlives_the_server(workspace: Installation, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    workspace.api("POST", "/ssh-keys", {"title": "test", "public_key": key.with_suffix(".pub").read_text()})
    gateway = Apart("gateway", workspace)
    options = ["-i", str(key), "-p", str(gateway.port), "-o", "StrictHostKeyChecking=no", "-o", "IdentitiesOnly=yes"]
    options += ["-F", "none", "-o", f"UserKnownHostsFile={tmp_path / 'known'}", "-o", "LogLevel=ERROR"]
    command = ["ssh", *options, "tiny@127.0.0.1"]
    try:
        assert subprocess.run([*command, "echo $((6*7))"], capture_output=True, check=True).stdout == b"42\n"
        with subprocess.Popen([*command, "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as cat:
            assert cat.stdin is not None
            assert cat.stdout is not None
            cat.stdin.write(b"before\n")
            assert cat.stdout.read(7) == b"before\n"
            workspace.kill()
            cat.stdin.write(b"without\n")
            assert cat.stdout.read(8) == b"without\n"
            refused = subprocess.run([*command, "true"], capture_output=True, check=False, timeout=30)
            assert refused.returncode == 255
            workspace.start()
            cat.stdin.close()
        assert cat.returncode == 0
        assert subprocess.run([*command, "exit 7"], check=False).returncode == 7
    finally:
        assert gateway.end(signal.SIGTERM) == 0
    assert not re.search(r"carrel_component_\w+", workspace.log())


def test_a_port_is_anybodys_until_it_is_closed_again(workspace: Installation, proxies: tuple[Apart, Apart]) -> None:
    proxy, _ = proxies
    address = f"/workspaces/tiny/ports/{PORT}"
    workspace.api("PUT", address, {"visibility": "public", "expires_in_seconds": 600})
    with local_names():
        browser = Browser(workspace)
        host = f"{PORT}--tiny--{workspace.workspace('tiny')['owner']}.localhost:{proxy.port}"
        with urllib.request.urlopen(f"http://{host}/", timeout=60) as answer:
            assert answer.read() == b"hello"
            assert not answer.headers["Set-Cookie"]
        assert browser.get(proxy)[0] == 200
        with browser.socket(proxy, anybody=True) as anybody:
            assert echoes(anybody)
            workspace.api("PUT", address, {"visibility": "private"})
            with pytest.raises(ConnectionClosed):
                anybody.recv(timeout=60)
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"http://{host}/", timeout=60)


def test_a_killed_proxy_and_a_restarted_server_cost_only_their_own(
    workspace: Installation, proxies: tuple[Apart, Apart]
) -> None:
    first, second = proxies
    with local_names():
        browser = Browser(workspace)
        assert browser.get(first) == (200, b"hello", "")
        assert browser.get(second) == (200, b"hello", "")
        with browser.socket(first) as dying, browser.socket(second) as living:
            assert echoes(dying)
            assert echoes(living)
            first.end(signal.SIGKILL)
            with pytest.raises(ConnectionClosed):
                dying.recv(timeout=60)
            workspace.kill()
            assert echoes(living)
            status, _, retry_after = browser.get(second)
            assert (status, retry_after) == (503, "2")
            workspace.start()
            until = time.monotonic() + 60
            while browser.get(second) != (200, b"hello", ""):
                assert time.monotonic() < until
                time.sleep(0.1)
            assert echoes(living)
            workspace.carrel("stop", "tiny")
            with pytest.raises(ConnectionClosed):
                living.recv(timeout=60)
        assert second.end(signal.SIGTERM) == 0
