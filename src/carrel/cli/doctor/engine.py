"""Docker Engine: whether one answers, and what it can. Asked over its socket, because there may be no docker command."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from carrel.cli.doctor.check import Check, fail, ok, warn
from carrel.cli.doctor.machine import check_disk
from carrel.cli.quantities import format_size

OLDEST_API = (1, 41)
USUAL_SOCKET = "unix:///var/run/docker.sock"
TIMEOUT_SECONDS = 10.0
INSTALL = (
    "Install and start Docker Engine (Debian: `apt install docker.io`; others: https://docs.docker.com/engine/install)."
)


def engine_address() -> str:
    """Where the engine is looked for."""
    return os.environ.get("CARREL_DOCKER_HOST") or os.environ.get("DOCKER_HOST") or USUAL_SOCKET


def check_engine(address: str) -> list[Check]:
    """The engine, and what comes with it."""
    try:
        version, info = _ask(address, "/version"), _ask(address, "/info")
    except PermissionError:
        hint = "Add yourself to the group docker (`sudo usermod -aG docker $USER`) and sign in again."
        return [fail("Docker Engine", f"{address}: permission denied", hint)]
    except (OSError, ValueError, http.client.HTTPException) as error:
        words = getattr(error, "strerror", "") or str(error) or type(error).__name__
        return [fail("Docker Engine", f"nothing answers at {address}: {words}", INSTALL)]
    return [_version(version, info), check_builder(), *_disk(address, info)]


def _version(version: dict[str, Any], info: dict[str, Any]) -> Check:
    api = str(version.get("ApiVersion", "0"))
    numbers = tuple(int(part) if part.isdecimal() else 0 for part in api.split("."))
    size = f"{info.get('NCPU', '?')} CPUs, {format_size(int(info.get('MemTotal', 0)))}"
    detail = f"{version.get('Version', '?')}, API {api}, {size}"
    if numbers < OLDEST_API:
        return fail("Docker Engine", detail, "Carrel needs Docker Engine 20.10 (API 1.41) or newer.")
    return ok("Docker Engine", detail)


def check_builder() -> Check:
    """Whether the docker command can build with BuildKit; without it the classic builder is used."""
    for command in ("/usr/bin/docker", shutil.which("docker") or ""):
        if command and os.access(command, os.X_OK) and _drives_buildkit(command):
            return ok("BuildKit", f"by {command}")
    hint = "Builds use the classic builder: no secrets, no cache mounts. Install `docker-buildx` (Debian 13: `docker-buildx`)."
    return warn("BuildKit", "no docker command here can build with it", hint)


def _drives_buildkit(command: str) -> bool:
    environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
    try:
        shown = subprocess.run(
            [command, "build", "--help"], env=environment, capture_output=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return shown.returncode == 0 and b"--progress" in shown.stdout


def _disk(address: str, info: dict[str, Any]) -> list[Check]:
    root = Path(str(info.get("DockerRootDir") or "/nonexistent"))
    if not address.startswith("unix:") or not root.exists():
        return []  # another machine's disk, or a virtual machine's
    return [check_disk("Engine's disk", root)]


class _Unix(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("docker", timeout=TIMEOUT_SECONDS)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT_SECONDS)
        self.sock.connect(self._path)


def _ask(address: str, path: str) -> dict[str, Any]:
    parts = urlsplit(address)
    if parts.scheme == "unix":
        connection: http.client.HTTPConnection = _Unix(parts.path)
    elif parts.scheme in {"tcp", "http"} and not os.environ.get("DOCKER_TLS_VERIFY"):
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 2375, timeout=TIMEOUT_SECONDS)
    else:
        return _ask_command(address, path)
    try:
        connection.request("GET", path, headers={"Host": "docker"})
        response = connection.getresponse()
        answer = json.loads(response.read())
    finally:
        connection.close()
    if response.status != 200 or not isinstance(answer, dict):
        raise ValueError(f"status {response.status}")
    return answer


def _ask_command(address: str, path: str) -> dict[str, Any]:
    """By the docker command, which knows TLS and ssh."""
    words = {"/version": ["version", "--format", "{{json .Server}}"], "/info": ["info", "--format", "{{json .}}"]}[path]
    shown = subprocess.run(
        ["docker", *words],
        env={**os.environ, "DOCKER_HOST": address},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if shown.returncode != 0:
        raise ValueError(shown.stderr.strip().splitlines()[-1] if shown.stderr.strip() else "no answer")
    answer = json.loads(shown.stdout)
    return {"ApiVersion": answer.get("APIVersion"), **answer} if isinstance(answer, dict) else {}
