"""What a workspace reaches: outside unless it was asked not to, and never the cloud's metadata."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.e2e.installation import Installation
from tests.e2e.repositories import Repositories

METADATA = "http://169.254.169.254/latest/meta-data/"
UNREACHABLE = "No route to host"
"""What the fence answers, at once: nothing that is merely slow or not there says so."""
ANSWER = "you reached me"


class _Outside(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER.encode())

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture(scope="module")
def outside(shared: Installation) -> Iterator[str]:
    """A server outside of all workspaces' networks: on the engine's own bridge, where only containers can come."""
    template = "{{(index .IPAM.Config 0).Gateway}}"
    [address] = shared.docker("network", "inspect", "bridge", "--format", template)
    server = ThreadingHTTPServer((address, 0), _Outside)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{address}:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def workspaces(shared: Installation, repositories: Repositories) -> Installation:
    """Workspaces `open` and `none`, named by their egress."""
    url = repositories.tiny("network")
    for egress in ("open", "none"):
        shared.create(url, name=egress, egress=egress)
    for egress in ("open", "none"):
        shared.until_phase(egress, "running")
    return shared


def fetch(installation: Installation, workspace: str, url: str) -> str:
    """What is answered to a request from a workspace, or why there is no answer."""
    script = (
        "import sys, urllib.request\n"
        "try: print(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode())\n"
        "except OSError as error: print(error)\n"
    )
    return python(installation, workspace, script, url)


def python(installation: Installation, workspace: str, script: str, *words: str) -> str:
    """What the toolbox's Python prints in a workspace: it needs nothing of the image."""
    command = ["/opt/carrel/bin/python3", "-I", "-S", "-c", script, *words]
    return installation.carrel("exec", "-T", workspace, *command).stdout.decode().strip()


def test_egress_open_reaches_outside_and_none_does_not(workspaces: Installation, outside: str) -> None:
    assert fetch(workspaces, "open", outside) == ANSWER
    assert UNREACHABLE in fetch(workspaces, "none", outside)
    assert workspaces.sh("none", "echo $((6*7))") == "42"


def test_egress_none_resolves_no_names(workspaces: Installation) -> None:
    script = "import socket\ntry: print(bool(socket.getaddrinfo('deb.debian.org', 80)))\nexcept OSError: print(False)\n"
    assert [python(workspaces, egress, script) for egress in ("open", "none")] == ["True", "False"]


def test_egress_is_kept_over_a_restart(workspaces: Installation, outside: str) -> None:
    workspaces.api("POST", "/workspaces/none/restart")
    workspaces.until("none", lambda w: w["phase"] == "running" and w["running_since"] is not None)
    assert UNREACHABLE in fetch(workspaces, "none", outside)


@pytest.mark.parametrize("egress", ["open", "none"])
def test_the_clouds_metadata_cannot_be_reached_not_even_by_root(workspaces: Installation, egress: str) -> None:
    assert workspaces.sh(egress, "id -u") == "0"
    assert UNREACHABLE in fetch(workspaces, egress, METADATA)
    undo = "ip route del unreachable 169.254.0.0/16; ip route add 169.254.169.254 dev eth0; ip link set eth0 down"
    assert "not permitted" in workspaces.sh(egress, f"({undo}) 2>&1 || true")
    assert UNREACHABLE in fetch(workspaces, egress, METADATA)


def test_one_workspace_does_not_reach_another(workspaces: Installation, repositories: Repositories) -> None:
    workspaces.create(repositories.tiny("network"), name="other")
    other = workspaces.until_phase("other", "running")["id"]
    template = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    [address] = workspaces.docker("inspect", "--format", template, *workspaces.containers_of(other))
    serve = "mkdir -p /tmp/www; echo found >/tmp/www/index.html; httpd -p 8000 -h /tmp/www"
    workspaces.sh("other", serve)
    assert fetch(workspaces, "other", f"http://{address}:8000/") == "found"
    for egress in ("open", "none"):
        assert "found" not in fetch(workspaces, egress, f"http://{address}:8000/")
