"""A real OCI registry on loopback: Debian's `docker-registry`, with or without a password, its content gone with it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

USER, PASSWORD = "ana", "open sesame"
_HTPASSWD = f"{USER}:$2b$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy\n"
_START_SECONDS = 15.0


@dataclass(frozen=True)
class OciRegistry:
    """A registry that runs."""

    port: int
    host: str
    """`localhost:PORT`: clients take a plain-HTTP registry under this name only."""

    def tags(self, repository: str) -> list[str]:
        """The tags of a repository; none where there is no such repository."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v2/{repository}/tags/list")
        request.add_header("Authorization", f"Basic {b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}")
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5) as answer:
                return sorted(json.loads(answer.read())["tags"] or [])
        except urllib.error.HTTPError as error:
            if error.code != HTTPStatus.NOT_FOUND:
                raise
            return []


@contextmanager
def oci_registry(*, password: bool = False, token: Mapping[str, str] | None = None) -> Iterator[OciRegistry]:
    """Run one; with `password` it asks for USER and PASSWORD (basic authentication), with `token` for a token server's."""
    program = shutil.which("docker-registry")
    assert program is not None, "Debian's package docker-registry is missing: run machine/packages"
    with tempfile.TemporaryDirectory(prefix="carrel-registry-") as folder:
        port = _free_port()
        process = subprocess.Popen(
            [
                program,
                "serve",
                str(_configuration(Path(folder), port, _authentication(Path(folder), token, password=password))),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _until_it_listens(port, process)
            yield OciRegistry(port, f"localhost:{port}")
        finally:
            process.kill()
            process.wait()


def _authentication(folder: Path, token: Mapping[str, str] | None, *, password: bool) -> dict[str, object]:
    if not password:
        return {"token": dict(token)} if token else {}
    (folder / "htpasswd").write_text(_HTPASSWD)
    return {"htpasswd": {"realm": "tests", "path": str(folder / "htpasswd")}}


def _configuration(folder: Path, port: int, authentication: dict[str, object]) -> Path:
    settings: dict[str, object] = {
        "version": 0.1,
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(folder / "content")}, "delete": {"enabled": True}},
        "http": {"addr": f"127.0.0.1:{port}"},
    }
    if authentication:
        settings["auth"] = authentication
    path = folder / "config.json"
    path.write_text(json.dumps(settings))  # JSON is YAML
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, "docker-registry ended"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise AssertionError("docker-registry does not listen")
