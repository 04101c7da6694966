"""Ports and files of one real workspace with a service beside it, in images that have only busybox."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.contract.images import busybox_image
from tests.e2e.installation import BIN, ApiProblem, Installation
from tests.e2e.repositories import Repositories

COMPOSE = """\
services:
  app:
    image: {image}
    command: sleep infinity
    tmpfs: ["/small:size=1m,mode=1777"]
  db:
    image: {image}
    command: sh -c 'while true; do echo ready | nc -l -p 5432; done'
"""


@pytest.fixture(scope="module")
def desk(shared: Installation, repositories: Repositories) -> str:
    """The name of a workspace that runs, with a service `db` beside it; its user is not root."""
    configuration = {
        "dockerComposeFile": "compose.yaml",
        "service": "app",
        "workspaceFolder": "/workspaces/desk",
        "remoteUser": "1000",
        "portsAttributes": {"8000": {"label": "Web"}, "8001": {"onAutoForward": "silent"}},
    }
    files = {
        ".devcontainer/devcontainer.json": json.dumps(configuration),
        ".devcontainer/compose.yaml": COMPOSE.format(image=busybox_image()),
        "README.md": "# Desk\n",
    }
    shared.carrel("up", "--no-open", repositories.make("desk", files))
    return "desk"


def ports(shared: Installation, desk: str) -> dict[int, dict[str, Any]]:
    """The ports by number, as the API lists them."""
    found = shared.api("GET", f"/workspaces/{shared.workspace(desk)['id']}/ports")["items"]
    return {port["port"]: port for port in found}


def until(what: Callable[[], Any], seconds: float = 60) -> Any:
    """What `what` returns once it is something."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end
        time.sleep(0.2)
    return found


@pytest.fixture
def forwarding(shared: Installation, desk: str) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `carrel port-forward`, which ends with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        command = [str(BIN / "carrel"), "port-forward", desk, *words]
        process = subprocess.Popen(
            command, env=shared.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
        process.communicate()


def local_port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline().partition(" -> ")[0].rpartition(":")[2])


def answer(port: int, request: bytes = b"") -> bytes:
    """All that comes back from a port of this machine."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as made:
        made.sendall(request)
        made.shutdown(socket.SHUT_WR)
        received = b""
        while data := made.recv(65536):
            received += data
    return received


def test_ports_are_known_with_who_they_are_and_what_they_speak(shared: Installation, desk: str) -> None:
    shared.sh(desk, "mkdir -p ~/www && echo page > ~/www/index.html")
    shared.sh(desk, "httpd -p 8000 -h ~/www; nc -l -p 8002 >/dev/null 2>&1 &")
    found = until(lambda: (now := ports(shared, desk)).get(8000, {}).get("protocol") and 8002 in now and now)
    assert (found[8000]["protocol"], found[8000]["label"], found[8000]["address"]) == ("http", "Web", "*")
    assert (found[8002]["protocol"], found[8002]["process"]) == ("", "nc")
    listed = shared.carrel("ports", desk).stdout.decode()
    assert "8000  Web" in listed
    assert f"http://8000--{desk}--" in listed
    # It was not asked: its first connection would have been its last.
    assert 8002 in ports(shared, desk)


def test_ports_of_the_workspace_and_its_neighbour_are_forwarded(
    shared: Installation, desk: str, forwarding: Callable[..., subprocess.Popen[str]]
) -> None:
    process = forwarding("0:8000", "0:db:5432")
    web, database = local_port(process), local_port(process)
    assert answer(web, b"GET /index.html HTTP/1.0\r\n\r\n").endswith(b"\r\n\r\npage\n")
    assert answer(database) == b"ready\n"
    # The server goes and comes back: the command stays.
    shared.stop()
    shared.start()
    assert answer(web, b"GET /index.html HTTP/1.0\r\n\r\n").endswith(b"\r\n\r\npage\n")


def test_what_begins_to_listen_is_forwarded(
    shared: Installation, desk: str, forwarding: Callable[..., subprocess.Popen[str]]
) -> None:
    process = forwarding("--auto", "--no-open")
    assert process.stdout is not None
    lines = {process.stdout.readline().partition(" -> ")[2].split()[0] for _ in range(2)}
    assert lines == {"8000", "8002"}
    shared.sh(desk, "httpd -p 8003 -h ~/www")
    line = process.stdout.readline()
    assert "-> 8003" in line
    assert answer(int(line.partition(" -> ")[0].rpartition(":")[2]), b"GET / HTTP/1.0\r\n\r\n").endswith(b"page\n")
    told = {event["data"]["port"] for event in until(lambda: shared.events(desk, "port_listening"))}
    assert {8000, 8002} <= told


def test_a_tree_goes_in_and_comes_back(shared: Installation, desk: str, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for number in range(300):
        folder = tree / f"{number % 7}" / "ünï\ncode"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}").write_bytes(os.urandom(number))
    (tree / "run.sh").write_text("#!/bin/sh\necho ran\n")
    (tree / "run.sh").chmod(0o755)
    (tree / "link").symlink_to("run.sh")
    shared.carrel("cp", str(tree), f"{desk}:")
    assert shared.sh(desk, "./tree/link; stat -c %u tree/run.sh") == "ran\n1000"
    shared.carrel("cp", f"{desk}:tree/.", str(tmp_path / "back"))
    original, back = (
        {str(p.relative_to(root)): (p.lstat().st_mode, p.is_file() and p.read_bytes()) for p in root.rglob("*")}
        for root in (tree, tmp_path / "back")
    )
    assert back == original
    packed = shared.carrel("cp", f"{desk}:tree", "-").stdout
    (tmp_path / "packed").write_bytes(packed)
    with tarfile.open(tmp_path / "packed") as archive:
        assert len(archive.getnames()) == 300 + 2 + 14 + 1


def test_the_file_system_decides_and_a_full_disk_leaves_no_half_file(
    shared: Installation, desk: str, tmp_path: Path
) -> None:
    (tmp_path / "big").write_bytes(os.urandom(3_000_000))
    for place, said in ((f"{desk}:/etc/big", "Permission denied"), (f"{desk}:/small/big", "No space left")):
        ended = shared.carrel("cp", str(tmp_path / "big"), place, check=False)
        assert (ended.returncode, said in ended.stderr.decode()) == (1, True), ended.stderr
    assert shared.sh(desk, "ls -A /small") == ""
    base = f"/workspaces/{shared.workspace(desk)['id']}"
    with pytest.raises(ApiProblem) as caught:
        shared.api("PUT", f"{base}/files?path=/etc/x", "x")
    assert (caught.value.kind, caught.value.status) == ("file_denied", 403)
    with pytest.raises(ApiProblem) as caught:
        shared.api("PUT", f"{base}/files?path=/small/x", "x" * 2_000_000)
    assert (caught.value.kind, caught.value.status) == ("no_space", 507)
    assert shared.sh(desk, "ls -A /small") == ""
    shared.api("PUT", f"{base}/files?path=~/note", "kept")
    assert shared.sh(desk, "cat ~/note; stat -c %u ~/note") == '"kept"1000'
